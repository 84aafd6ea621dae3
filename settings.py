"""Settings of one process, read once from the environment. Nothing else reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from errors import LaurelsError


class SettingInvalid(LaurelsError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    database_url: str = "sqlite:///laurels.db"  # sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME
    redis_url: str | None = None  # redis://HOST:PORT/NUMBER; without it rankings come from the database
    host: str = "127.0.0.1"
    port: int = 8000

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that the environment asks for; what it leaves out has the defaults above."""
        port = environment.get("PORT") or str(cls.port)
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
            raise SettingInvalid(f"PORT is {port!r}; set it to a number from 1 to 65535")
        return cls(
            database_url=environment.get("LAURELS_DATABASE_URL") or cls.database_url,
            redis_url=environment.get("LAURELS_REDIS_URL") or None,
            host=environment.get("LAURELS_HOST") or cls.host,
            port=int(port),
        )
