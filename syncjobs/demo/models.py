"""What the demo brought into this installation. Only these rows, and what came from them, go with it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models


class PieceKind(models.TextChoices):
    CONNECTOR = "connector"
    LOGIN = "login"
    VALUE_MAP = "value_map"


class DemoPiece(models.Model):
    """One row that the demo made: which table, and its number there. By number and not by name: a connector that somebody else
    called “workday” is not the demo's."""

    kind = models.CharField(max_length=10, choices=PieceKind.choices)
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="one_piece_per_row")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


def mark(kind: PieceKind, made: Iterable[models.Model]) -> None:
    DemoPiece.objects.bulk_create([DemoPiece(kind=kind, number=row.pk) for row in made], ignore_conflicts=True)


def marked(kind: PieceKind) -> list[int]:
    return list(DemoPiece.objects.filter(kind=kind).order_by("number").values_list("number", flat=True))
