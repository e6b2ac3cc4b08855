"""Add the counters of failed attempts."""

import sqlalchemy as sa
from alembic import op

revision = "4f6f1ee08997"
down_revision = "63f1ae95a2eb"


def upgrade() -> None:
    op.create_table(
        "attempt_counters",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "span", name=op.f("pk_attempt_counters")),
    )
    op.create_index("ix_attempt_counters_ends", "attempt_counters", ["ends"], unique=False)


def downgrade() -> None:
    op.drop_table("attempt_counters")
