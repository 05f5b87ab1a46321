"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand first; what the running release still reads is taken away one release later."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take the same step back."""
    ${downgrades if downgrades else "pass"}
