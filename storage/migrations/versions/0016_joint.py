"""Of activities that credited both members of a transfer: who was at which place, and how they were named."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("transferred", sa.Column("from_place", sa.Integer()))
    op.add_column("transferred", sa.Column("to_place", sa.Integer()))
    op.add_column("transferred", sa.Column("named", sa.Text()))
