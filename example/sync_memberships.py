#!/usr/bin/env python3
"""Bring the memberships of a coordination group into line with a CSV file.

The file is sent to Kafo twice: first as a dry run, whose outcome is shown, and
then, with --apply, for good. Either all rows are taken or none; the same file
a second time changes nothing.

The columns, named in the first line, are (an empty cell says nothing):
  organisation   name, acronym or alias; case and accents do not matter
  role           lead, co-lead, member, observer, donor, coordinator,
                 co-coordinator, information manager, secretary, focal point,
                 representative
  name, email    the person who holds the seat, if it is not the organisation
  create_person  yes: enter the person, should nobody of this name be known
  since, until   the first day on which the seat holds, and the first on which
                 it holds no more: 2026-12-31
  role_title, topic, represents, funded_by, note
  system, code   by which code the system of the file knows the seat

Environment:
  KAFO_TOKEN     the token to authenticate with; it never goes on the command
                 line. Best an API token of a service account, with the scopes
                 MEMBERSHIPS, DIRECTORY and READ, for this group only.
  KAFO_URL       where the API is; http://127.0.0.1:8080/graphql if not set

Exit codes:
  0  applied; or, without --apply, it could be
  1  rows were refused: nothing was changed
  2  the command line, the environment or the file cannot be used
  3  the server cannot be reached, or does not accept the request (the token, say)
"""

import argparse
import csv
import datetime
import json
import os
import sys
import time
import urllib.error
import urllib.request

FIND = "query($slug: String!) { group(by: {slug: $slug}) { id name } }"

SYNC = """mutation($input: MembershipsSyncInput!) { membershipsSync(input: $input) {
  rows { index outcome isPersonNew changes { field before after } candidates { field id name score why } }
  missing { outcome id membership { role person { displayName } organisation { name } } }
  createdCount updatedCount endedCount unchangedCount personCount
  userErrors { code message field } } }"""

TEXTS = {"role_title": "roleTitle", "topic": "topic", "represents": "represents", "note": "note"}
DAYS = ["since", "until"]
OTHERS = ["organisation", "role", "name", "email", "create_person", "funded_by", "system", "code"]
COLUMNS = OTHERS + DAYS + list(TEXTS)

ROLES = """LEAD CO_LEAD MEMBER OBSERVER DONOR COORDINATOR CO_COORDINATOR INFORMATION_MANAGER
    SECRETARY FOCAL_POINT REPRESENTATIVE""".split()

TRIES = 5
LONGEST_WAIT = 60  # seconds


class Unusable(Exception):
    """The file or the environment cannot be used."""


class Unreachable(Exception):
    """The server cannot be reached, or does not accept what it is asked."""


def read_rows(path):
    """The rows of the file as membershipsSync takes them, each with its line number."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            unknown = [name for name in reader.fieldnames or [] if name not in COLUMNS]
            if unknown or "role" not in (reader.fieldnames or []):
                raise Unusable(f"{path}: the columns are {', '.join(COLUMNS)}; not {', '.join(unknown) or 'without role'}")
            return [(reader.line_num, row_input(cells, path, reader.line_num)) for cells in reader]
    except UnicodeDecodeError:
        raise Unusable(f"{path}: the file is not in UTF-8; save it as CSV UTF-8") from None
    except (OSError, csv.Error) as error:
        raise Unusable(f"{path}: {error}") from None


def row_input(cells, path, line):
    """One row of the file as membershipsSync takes it: what is empty is left out."""
    if None in cells or None in cells.values():
        raise Unusable(f"{path}, line {line}: not as many cells as columns")
    cell = {name: text.strip() for name, text in cells.items() if text.strip()}
    row = {"role": cell.get("role", "").upper().replace("-", "_").replace(" ", "_")}
    if row["role"] not in ROLES:
        raise Unusable(f"{path}, line {line}: the role must be one of {', '.join(ROLES)}")
    if "organisation" in cell:
        row["organisation"] = {"called": cell["organisation"]}
    person = {name: cell[name] for name in ("name", "email") if name in cell}
    if person:
        row["person"] = person
        row["createPerson"] = cell.get("create_person", "no").lower() in ("yes", "true", "1")
    if "funded_by" in cell:
        row["fundedBy"] = {"called": cell["funded_by"]}
    if "code" in cell:
        row["externalReference"] = {"system": cell.get("system", ""), "code": cell["code"]}
    for day in DAYS:
        if day in cell:
            try:
                row[day] = datetime.date.fromisoformat(cell[day]).isoformat()
            except ValueError:
                raise Unusable(f"{path}, line {line}: {day} is no day like 2026-12-31") from None
    for column, field in TEXTS.items():
        if column in cell:
            row[field] = cell[column]
    return row


def ask(url, token, query, variables):
    """Ask the API; wait and try again when it says that it is busy (429, 503)."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    for attempt in range(1, TRIES + 1):
        request = urllib.request.Request(url, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                answer = json.load(response)
            break
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or attempt == TRIES:
                raise Unreachable(f"{url}: HTTP {error.code}: {said(error)}") from None
            pause = wait(attempt, error.headers.get("Retry-After"))
            print(f"HTTP {error.code}: trying again in {pause} s", file=sys.stderr)
            time.sleep(pause)
        except (OSError, ValueError) as error:
            raise Unreachable(f"{url}: {error}") from None
    if answer.get("errors"):
        raise Unreachable("; ".join(error["message"] for error in answer["errors"]))
    return answer["data"]


def said(error):
    """What the server said about a refusal, in short."""
    try:
        return json.load(error)["errors"][0]["message"]
    except (ValueError, KeyError, IndexError):
        return error.reason


def wait(attempt, retry_after):
    """How long to wait: as long as the server asks, or 1, 2, 4, 8 seconds."""
    if retry_after and retry_after.isdigit():
        return min(int(retry_after), LONGEST_WAIT)
    return min(2 ** (attempt - 1), LONGEST_WAIT)


def show(outcome, lines):
    """Print what was done, or would be."""
    for row in outcome["rows"]:
        if row["outcome"] == "UNCHANGED":
            continue
        entered = ", and enters the person" if row["isPersonNew"] else ""
        print(f"line {lines[row['index']]}: {row['outcome']}{entered}")
        for change in row["changes"]:
            print(f"    {change['field']}: {change['before']} -> {change['after']}")
        show_candidates(row["candidates"])
    for seat in outcome["missing"]:
        membership = seat["membership"] or {}
        holders = [(membership.get("person") or {}).get("displayName"), (membership.get("organisation") or {}).get("name")]
        who = ", ".join(holder for holder in holders + [membership.get("role")] if holder)
        print(f"not in the file: {who}: {seat['outcome']}")
    counts = [f"{outcome[name + 'Count']} {name}" for name in ("created", "updated", "ended", "unchanged")]
    print(", ".join(counts) + f"; {outcome['personCount']} people entered")


def show_refusals(outcome, lines):
    """Print why nothing was changed, and who may be meant."""
    rows = {row["index"]: row for row in outcome["rows"]}
    for error in outcome["userErrors"]:
        path = error["field"] or []
        index = int(path[2]) if path[1:2] == ["rows"] and len(path) > 2 else None
        place = f"line {lines[index]}" if index is not None else ".".join(path[1:]) or "the call"
        field = ".".join(path[3:]) if index is not None else ""
        print(f"{place}: {field + ': ' if field else ''}{error['message']} [{error['code']}]", file=sys.stderr)
        candidates = rows[index]["candidates"] if index in rows else []
        show_candidates([c for c in candidates if c["field"] in path[3:4]], file=sys.stderr)
    print("Nothing was changed.", file=sys.stderr)


def show_candidates(candidates, file=sys.stdout):
    for candidate in candidates:
        print(f"    perhaps {candidate['name']} ({candidate['id']}): {candidate['score']} of 100, {candidate['why']}", file=file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", help="the group: its id or slug")
    parser.add_argument("file", help="the CSV file, in UTF-8")
    parser.add_argument("--apply", action="store_true", help="do it, after a dry run without refusals")
    parser.add_argument(
        "--missing",
        choices=["keep", "report", "end"],
        default="report",
        help="what becomes of seats that the file does not name (default: report)",
    )
    parser.add_argument("--reason", help="why, for the record")
    options = parser.parse_args()
    url = os.environ.get("KAFO_URL", "http://127.0.0.1:8080/graphql")
    token = os.environ.get("KAFO_TOKEN")
    try:
        if not token:
            raise Unusable("KAFO_TOKEN is not set")
        rows = read_rows(options.file)
        lines = [line for line, _ in rows]
        group = options.group
        if not group.startswith("grp_"):
            found = ask(url, token, FIND, {"slug": group})["group"]
            if not found:
                raise Unusable(f"there is no group {group}, or the token does not see it")
            group = found["id"]
        change = {"group": group, "rows": [row for _, row in rows], "missing": options.missing.upper(), "reason": options.reason}
        for dry_run in [True, False] if options.apply else [True]:
            outcome = ask(url, token, SYNC, {"input": {**change, "dryRun": dry_run}})["membershipsSync"]
            if outcome["userErrors"]:
                show_refusals(outcome, lines)
                return 1
            if dry_run:
                show(outcome, lines)
        print("Applied." if options.apply else "This was a dry run: --apply does it.")
        return 0
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    except Unreachable as error:
        print(error, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
