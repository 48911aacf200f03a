"""Survey runs and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CURRENT = sa.text("superseded_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "survey_runs",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("survey_id", sa.String, nullable=False),
        sa.Column("survey_version", sa.String, nullable=False),
        sa.Column("caller_identity", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_survey_runs"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_survey_runs_call_id_calls"),
    )
    op.create_index("ix_survey_runs_call_id", "survey_runs", ["call_id"])
    op.create_index("ix_survey_runs_caller_identity_survey_id", "survey_runs", ["caller_identity", "survey_id"])
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("question_id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("value", sa.JSON),
        sa.Column("words", sa.Text),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.ForeignKeyConstraint(["run_id"], ["survey_runs.id"], name="fk_answers_run_id_survey_runs"),
    )
    op.create_index("ix_answers_run_id", "answers", ["run_id"])
    op.create_index(
        "uq_answers_current",
        "answers",
        ["run_id", "question_id"],
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    )


def downgrade() -> None:
    op.drop_table("answers")
    op.drop_table("survey_runs")
