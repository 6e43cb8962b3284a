"""The wizard in one command: from a file to a model and, if asked, a published assistant. Through the wizard's own code."""

from __future__ import annotations

import json
import logging
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from projects import checking, importing, item_tables, uploading
from projects.errors import UserError, reference
from projects.formats import Reading
from projects.interactions.flags import as_understood
from projects.interactions.itemroles import ROLES as ITEM_ROLES
from projects.models import AuditEvent, Dataset, Membership, Project, Team
from projects.models.team import Role
from projects.usecases import UseCase, all_use_cases, get
from studio.bar import Bar
from training import presence, problems, reports, runs, tasks, wording
from training.ml.config import PRESETS
from training.models import ModelVersion, TrainingRun

logger = logging.getLogger(__name__)
OURS, THEIRS = 1, 2
READING = (Dataset.State.UPLOADED, Dataset.State.READING)


class Command(BaseCommand):
    help = "Trains on a file, as the wizard does, and publishes the result if asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("usecase", help="one of: " + ", ".join(case.slug for case in all_use_cases()))
        parser.add_argument("file", type=Path, help="a spreadsheet, CSV, JSON, Parquet or ZIP of these")
        parser.add_argument("--items", type=Path, help="the item table of a recommendation")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="ROLE=COLUMN",
            help="which column is what; items.ROLE=COLUMN for the item table",
        )
        parser.add_argument("--test", type=Path, help="score on this file instead of a part of FILE")
        parser.add_argument("--preset", choices=PRESETS, default="balanced")
        parser.add_argument("--name", default="", help="of the project; the file's name if not given")
        parser.add_argument("--publish", action="store_true", help="publish it and make an API key")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            try:
                # On a machine where nothing has run yet there is no database.
                call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
                found = Road(options, Bar(sys.stderr)).walk()
            except UserError as error:
                raise CommandError(str(error), returncode=THEIRS) from error
            except (CommandError, KeyboardInterrupt):
                raise
            except Exception as error:
                ref = reference()
                logger.exception("Quickstart failed, reference %s", ref)
                raise CommandError(f"Atelier made a mistake. Reference {ref}: {error}", returncode=OURS) from error
        self.stdout.write(json.dumps(found, ensure_ascii=False) if options["json"] else _told(found))
        if found.get("problem"):
            raise CommandError(found["problem"], returncode=THEIRS)


class Road:
    """One walk from the file to the end. Each stretch is the function that the page's button calls."""

    def __init__(self, options: dict[str, Any], bar: Bar) -> None:
        self.options, self.bar = options, bar
        self.case = _case(options)
        self.columns, self.item_columns = _columns(self.case, options["map"])
        for file in (options["file"], options["test"], options["items"]):
            _readable(file)
        self.user = get_user_model()._default_manager.filter(is_active=True).order_by("pk").first()

    def walk(self) -> dict[str, Any]:
        project = self.make_project()
        dataset = self.bring(project, self.options["file"], {"purpose": "all"})
        if self.options["items"]:
            self.bring_items(dataset, self.options["items"])
        test = self.bring_test(project, dataset) if self.options["test"] else None
        if test:  # nothing of the first file has to be kept apart then
            self.prepare(test)
            dataset.tested_by = test
            dataset.save(update_fields=["tested_by"])
        self.prepare(dataset)
        run = self.train(dataset, test)
        model = ModelVersion.objects.select_related("evaluation", "project", "run").get(run=run)
        found = _result(project, dataset, run, model)
        if self.options["publish"]:
            self.publish(model, found)
        return found

    def make_project(self) -> Project:
        name = (self.options["name"] or self.options["file"].stem)[:100]
        project = Project.objects.create(
            team=_team(self.user), name=name, use_case=self.case.slug, created_by=self.user
        )
        AuditEvent.record(project.team, self.user, "project.created", name, by="quickstart")
        return project

    # Data --------------------------------------------------------------------------------------------------

    def bring(self, project: Project, file: Path, fields: dict[str, Any], like: Dataset | None = None) -> Dataset:
        """The file as a dataset that is read. What a running worker takes first is waited for."""
        upload = uploading.store_file(project, self.user, file.name, file)
        dataset = importing.create_dataset(project, upload, self.user, mapping=self.columns, **fields)
        self.watch(dataset, lambda: importing.read(dataset), READING, f"Reading {file.name}")
        if like is not None and dataset.state == Dataset.State.CHECKING and _other_columns(dataset, like):
            checking.map_columns(dataset, self.user, like.mapping)
            self.watch(dataset, lambda: importing.read(dataset), READING, f"Reading {file.name}")
        self._refuse_unread(dataset)
        return dataset

    def bring_test(self, project: Project, like: Dataset) -> Dataset:
        """The test file, understood like the first one: a short file may not show how its dates are written."""
        fields: dict[str, Any] = {"purpose": "test"}
        if self.case.family == "recommend":
            fields["choices"] = as_understood(like.report.get("understood", {}), like.choices)
        return self.bring(project, self.options["test"], fields, like)

    def bring_items(self, dataset: Dataset, file: Path) -> None:
        """The table of items beside the log."""
        self._all_mapped(dataset)
        upload = uploading.store_file(dataset.project, self.user, file.name, file)
        item_tables.add(dataset, upload, self.user, self.item_columns)
        self.watch(dataset, lambda: importing.read(dataset), READING, f"Reading {file.name}")
        self._refuse_unread(dataset)
        if error := dataset.items_reading.get("error"):
            raise UserError(*(error.get(part, "") for part in ("what", "safe", "todo")))
        if not dataset.items_mapping.get("item"):
            names = ", ".join(Reading.from_json(dataset.items_reading).names)
            raise UserError(
                "No column of the item table was recognised as item.",
                "The files are stored.",
                f"Say which it is, for example --map items.item=COLUMN. The columns are: {names}.",
            )

    def prepare(self, dataset: Dataset) -> None:
        """Makes a read dataset ready."""
        if dataset.state == Dataset.State.CHECKING:
            self._all_mapped(dataset)
            checking.accept(dataset, self.user)
            self.watch(dataset, lambda: importing.finish(dataset), (Dataset.State.IMPORTING,), "Preparing examples")
        self._refuse_unread(dataset)

    def _refuse_unread(self, dataset: Dataset) -> None:
        if dataset.state == Dataset.State.REJECTED:
            raise UserError(*(dataset.error.get(part, "") for part in ("what", "safe", "todo")))

    def watch(self, dataset: Dataset, work: Callable[[], object], states: tuple[str, ...], label: str) -> None:
        """Does the work and shows how far it is, whoever does it."""
        with self.bar.showing(lambda: (label, _progress_of(dataset), "")):
            work()
            dataset.refresh_from_db()
            while dataset.state in states:
                time.sleep(0.5)
                work()  # taken over when the worker that had it went silent
                dataset.refresh_from_db()

    def _all_mapped(self, dataset: Dataset) -> None:
        missing = [role.name for role in self.case.roles if role.required and not dataset.mapping.get(role.name)]
        if missing:
            names = ", ".join(_names(dataset))
            raise UserError(
                f"No column was recognised as {' and '.join(missing)}.",
                "The file is stored.",
                f"Say which it is, for example --map {missing[0]}=COLUMN. The columns are: {names}.",
            )

    # Training ----------------------------------------------------------------------------------------------

    def train(self, dataset: Dataset, test: Dataset | None) -> TrainingRun:
        run = runs.start(dataset, self.options["preset"], {}, self.user, test)
        worker = presence.me()
        try:
            with self.bar.showing(lambda: _news(run)):
                while run.open:
                    if not tasks.work(run, worker):
                        time.sleep(1)
                    run.refresh_from_db()
        except KeyboardInterrupt:
            runs.cancel(run, self.user)
            run.end(worker, TrainingRun.State.CANCELLED)
            raise CommandError("Stopped. What it learned is kept; go on from its page in the studio.", returncode=130)
        if run.state == TrainingRun.State.FAILED:
            problem = problems.worded(run)
            raise CommandError(
                " ".join(part for part in (problem.what, problem.safe, problem.todo) if part),
                returncode=OURS if run.error.get("code") == "unexpected" else THEIRS,
            )
        if run.state != TrainingRun.State.SUCCEEDED:
            raise UserError("The training was cancelled.", "Its last checkpoint is kept.")
        return run

    # Publishing --------------------------------------------------------------------------------------------

    def publish(self, model: ModelVersion, found: dict[str, Any]) -> None:
        """An endpoint and a key; when that fails the model is still there, so the rest is printed all the same."""
        from endpoints import publishing
        from studio.lending import an_engine

        self.bar.say("Publishing")
        try:
            with an_engine():
                endpoint = publishing.publish(model, self.user)
            _key, secret = publishing.issue_key(endpoint, self.user, "quickstart")
        except UserError as error:
            found["problem"] = str(error)
            return
        chat = _address("endpoints:chat", endpoint.slug) or f"/chat/{endpoint.slug}/"
        site = settings.SITE_URL
        found["endpoint"] = {
            "url": f"{site}/v1",
            "chat_url": f"{site}{chat}",
            "model": endpoint.slug,
            "api_key": secret,
        }


# What was asked --------------------------------------------------------------------------------------------


def _case(options: dict[str, Any]) -> UseCase:
    try:
        case = get(options["usecase"])
    except KeyError as error:
        raise UserError(str(error.args[0])) from error
    if options["items"] and case.family != "recommend":
        raise UserError(f"{case.slug} does not use an item table.", "", "Leave out --items.")
    return case


def _columns(case: UseCase, pairs: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Role → column of the file, and of the item table where the role is written items.ROLE."""
    columns: dict[str, str] = {}
    of_items: dict[str, str] = {}
    for pair in pairs:
        role, equals, column = pair.partition("=")
        known = [one.name for one in case.roles]
        if not equals or not column:
            raise UserError(f"--map {pair} cannot be read.", "", f"Write --map ROLE=COLUMN, such as {known[0]}=Text.")
        if case.family == "recommend" and role.startswith("items."):
            of_items[_item_role(role.removeprefix("items."))] = column
            continue
        if role not in known:
            raise UserError(f"{case.slug} has no role {role}.", "", f"Its roles are: {', '.join(known)}.")
        columns[role] = column
    return columns, of_items


def _item_role(role: str) -> str:
    known = [one.name for one in ITEM_ROLES]
    if role not in known:
        raise UserError(f"An item table has no role {role}.", "", f"Its roles are: {', '.join(known)}.")
    return role


def _readable(file: Path | None) -> None:
    if file is not None and not file.is_file():
        raise UserError(f"There is no file {file}.", "", "Check the path.")


def _team(user: Any) -> Team:
    """The first team of the first person; on a fresh machine a team that the first account will own."""
    if user is None:
        return Team.objects.filter(memberships=None).first() or Team.objects.create(name="Studio")
    own = Membership.objects.filter(user=user, role__in=(Role.OWNER, Role.EDITOR)).order_by("pk").first()
    if own is None:
        team = Team.objects.create(name="Studio")
        Membership.objects.create(team=team, user=user, role=Role.OWNER)
        return team
    return own.team


def _names(dataset: Dataset) -> list[str]:
    return Reading.from_json(dataset.reading).names if dataset.reading else []


def _other_columns(dataset: Dataset, like: Dataset) -> bool:
    """Whether the guess differs from the first file's columns although this file has them too."""
    wanted = {column for column in like.mapping.values() if column}
    return dataset.mapping != like.mapping and wanted <= set(_names(dataset))


# What is told ----------------------------------------------------------------------------------------------


def _progress_of(dataset: Dataset) -> float:
    return Dataset.objects.filter(pk=dataset.pk).values_list("progress", flat=True).first() or 0.0


def _news(run: TrainingRun) -> tuple[str, float, str]:
    row = TrainingRun.objects.filter(pk=run.pk).values_list("phase", "progress", "seconds_left").first()
    phase, progress, left = row or ("", 0.0, None)
    return wording.phase(phase), progress, wording.left(left)


def _result(project: Project, dataset: Dataset, run: TrainingRun, model: ModelVersion) -> dict[str, Any]:
    report = model.evaluation.report
    verdict = reports.verdict(report)
    ended = run.finished or timezone.now()
    began = run.started or ended
    counts = dataset.counts
    return {
        "project": project.pk,
        "name": project.name,
        "dataset": {name: counts.get(name, 0) for name in ("rows", "kept", "dropped")},
        "run": {"id": run.pk, "status": run.state, "seconds": round((ended - began).total_seconds(), 1)},
        "model": {"id": model.pk, "path": str(model.folder)},
        "scores": _scores(report, lambda found: found["mean"]),
        "intervals": _scores(report, lambda found: [found["low"], found["high"]]),
        "tested": len(report.get("rows", [])),
        "recommend": verdict.recommend if verdict else None,
        "verdict": verdict.text if verdict else "",
        "endpoint": None,
    }


def _scores(report: dict[str, Any], part: Callable[[dict[str, Any]], Any]) -> dict[str, dict[str, Any]]:
    scores, family = report.get("scores", {}), reports.of(str(report.get("family") or "chat"))
    return {
        name: {system: part(scores[system][metric]) for system in family.SYSTEMS if metric in scores.get(system, {})}
        for metric, name in family.CONTRACT.items()
    }


def _told(found: dict[str, Any]) -> str:
    lines = [found["verdict"], ""]
    for metric, values in found["scores"].items():
        lines.append(f"{metric}: " + ", ".join(f"{system} {value:.3f}" for system, value in values.items()))
    lines += ["", f"Model: {found['model']['path']}"]
    if found["endpoint"]:
        about = found["endpoint"]
        lines += [f"Chat: {about['chat_url']}", f"API: {about['url']}, model {about['model']}, key {about['api_key']}"]
    return "\n".join(lines)


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
