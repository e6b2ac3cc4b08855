"""Add when each task last came to its end."""

import sqlalchemy as sa
from alembic import op

revision = "b8e20d4f6a17"
down_revision = "7d31c0be94f5"


def upgrade() -> None:
    op.create_table(
        "task_runs",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_task_runs")),
    )


def downgrade() -> None:
    op.drop_table("task_runs")
