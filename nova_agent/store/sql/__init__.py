"""The store's ports over SQL: tables and adapters, one module per domain."""

from nova_agent.store.sql.calls import SqlCallStore
from nova_agent.store.sql.schema import metadata
from nova_agent.store.sql.surveys import SqlSurveyStore

__all__ = ["SqlCallStore", "SqlSurveyStore", "metadata"]
