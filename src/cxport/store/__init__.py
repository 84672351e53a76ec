"""The metadata store: one module a noun, the same code on SQLite and PostgreSQL.

Every function is one transaction. All but `work` and the sign-in look-ups take a tenant's id
and see nothing of another tenant: `scope` adds it to every statement.
"""
