"""Add until when an account is on probation, since when, and why.

The release before this one goes on serving: it names its columns, and begins no probation.
"""

import sqlalchemy as sa
from alembic import op

revision = "8c52e7f0b3d6"
down_revision = "3d7a91c4e052"


def upgrade() -> None:
    for name in ("probation_since", "probation_until"):
        op.add_column("users", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("probation_cause", sa.String(length=32), nullable=True))


def downgrade() -> None:
    for name in ("probation_cause", "probation_until", "probation_since"):
        op.drop_column("users", name)
