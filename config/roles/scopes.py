"""Which rows a reader may see. Every list goes through here, because a permission alone cannot filter a list."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models

from config.roles.models import User

Row = TypeVar("Row", bound=models.Model)


class ScopedQuerySet(models.QuerySet[Row]):
    """A QuerySet with row scopes. Override `within` where a role sees only some rows (own accounts, own connectors)."""

    def scoped_for(self, user: User | AnonymousUser) -> ScopedQuerySet[Row]:
        """What `user` may see of these rows: nothing without the model's view permission."""
        return self.within(user) if may_view(user, self.model) else self.none()

    def within(self, user: User | AnonymousUser) -> ScopedQuerySet[Row]:
        """The rows of a reader who may view this kind of thing at all."""
        return self.all()


def may_view(user: User | AnonymousUser, model: type[models.Model]) -> bool:
    options = model._meta
    return user.is_active and user.has_perm(f"{options.app_label}.view_{options.model_name}")


def scoped_for(user: User | AnonymousUser, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """The same for any QuerySet, whether its model has scopes of its own or not."""
    if isinstance(rows, ScopedQuerySet):
        return rows.scoped_for(user)
    return rows if may_view(user, rows.model) else rows.none()
