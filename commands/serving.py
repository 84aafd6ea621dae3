"""Serving the API: on the database of the settings, or on a made-up company."""

from dataclasses import replace
from pathlib import Path

from commands.outcome import Clock
from commands.store import migrated, on_store
from settings import Settings

DEMO_FOLDER = Path(".demo")


def serve(settings: Settings, clock: Clock) -> int:
    from api.http import create_app
    from server import Server

    application = create_app(settings, clock)  # a setting that cannot be used is refused before anything is done
    server = Server(settings)
    migrated(settings)
    print(f"Laurels answers at {server.url}/graphql. Press Ctrl+C to stop.", flush=True)
    return server.run(application)


def demo(settings: Settings, clock: Clock) -> int:
    from api.http import create_app
    from process import tune
    from programmes.demo import fill, greeting, key, missing
    from server import Server
    from terminal import progress

    # Never a database of the settings: made-up people and a key that may do everything have no place in a real one.
    DEMO_FOLDER.mkdir(exist_ok=True)
    settings = replace(settings, database_url=f"sqlite:///{DEMO_FOLDER}/laurels.db")
    application = create_app(settings, clock)
    server = Server(settings)
    if steps := on_store(settings, lambda store: missing(store, now=clock())):
        tune()
        with progress("Filling in a company", sum(len(step.reports) for step in steps), "reports") as advance:
            on_store(settings, lambda store: fill(store, steps, progress=lambda done: advance(done, done)))
    token = on_store(settings, lambda store: key(store, DEMO_FOLDER / "key", now=clock()))
    print(greeting(server.url, token), flush=True)
    return server.run(application)
