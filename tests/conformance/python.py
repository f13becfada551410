"""Python's gql against a server: reads, pages, writes, errors, and the schema fetched from the server itself."""

import asyncio
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.requests import RequestsHTTPTransport
from graphql import GraphQLError

url, authorization = sys.argv[1:3]
headers = {"authorization": authorization}
failures = 0
checks = 0


def test(check):
    """Runs one check; says which failed."""
    global checks, failures
    checks += 1
    try:
        check()
    except Exception as error:  # whatever it is, it is a failure of this check
        failures += 1
        print(f"  FAIL {check.__doc__} {type(error).__name__}: {str(error)[:300]}")


client = Client(
    transport=RequestsHTTPTransport(url=url, headers=headers, timeout=30),
    fetch_schema_from_transport=True,
    introspection_args={"input_value_deprecation": True, "specified_by_url": True, "input_object_one_of": True},
)
PAGE = gql(
    """query Page($first: Int!, $after: String) {
      organisations(first: $first, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
    }"""
)


def ask(document, **variables):
    document = gql(document) if isinstance(document, str) else document
    document.variable_values = variables
    return client.execute(document)


def failing(document, transport_error=TransportQueryError):
    """The errors of a document that gql itself does not check."""
    plain = Client(transport=RequestsHTTPTransport(url=url, headers=headers, timeout=30))
    try:
        plain.execute(gql(document))
    except transport_error as error:
        return error
    raise AssertionError("it did not fail")


@test
def pages():
    """Pages follow one another without gap or repetition."""
    seen, after = [], None
    while True:
        page = ask(PAGE, first=5, after=after)["organisations"]
        seen += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    total = ask("{ organisations { totalCount } }")["organisations"]["totalCount"]
    assert len(seen) == len(set(seen)) == total, (len(seen), len(set(seen)), total)


@test
def checked_by_the_schema():
    """The fetched schema lets gql refuse a wrong document before it is sent."""
    try:
        ask("{ groups(first: \"1\") { totalCount } }")
    except GraphQLError:
        return
    raise AssertionError("gql accepted it")


@test
def one_of():
    """A lookup by one of several keys."""
    assert ask("query ($by: GroupBy!) { group(by: $by) { id } }", by={"slug": "none"}) == {"group": None}


@test
def user_errors():
    """User errors are data."""
    payload = ask(
        "mutation ($input: GroupUpdateInput!) { groupUpdate(input: $input) { userErrors { __typename code } } }",
        input={"id": "grp_00000000000070008000000000ffffff", "expectedVersion": 1},
    )
    assert payload["groupUpdate"]["userErrors"][0]["__typename"] == "NotFoundError", payload


@test
def execution():
    """An error of the execution carries its code."""
    error = failing("{ groups(first: 101) { totalCount } }")
    assert error.errors[0]["extensions"]["code"] == "BAD_USER_INPUT", error.errors


@test
def validation():
    """An error of the validation carries its code."""
    error = failing("{ nope }")
    assert error.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", error.errors


@test
def unauthenticated():
    """A token that does not hold is told by status 401."""
    plain = Client(transport=RequestsHTTPTransport(url=url, headers={"authorization": "Bearer no"}, timeout=30))
    try:
        plain.execute(gql("{ viewer { isAdmin } }"))
    except TransportServerError as error:
        assert error.code == 401, error.code
    except TransportQueryError as error:
        assert error.errors[0]["extensions"]["code"] == "UNAUTHENTICATED", error.errors
    else:
        raise AssertionError("it did not fail")


@test
def many_at_once():
    """Ten at once over one session of asyncio."""

    async def run():
        async with Client(transport=AIOHTTPTransport(url=url, headers=headers, timeout=30)) as session:
            return await asyncio.gather(*(session.execute(gql("{ groups { totalCount } }")) for _ in range(10)))

    answers = asyncio.run(run())
    assert all(answer == answers[0] for answer in answers), answers


print(f"{checks - failures} {checks}")
sys.exit(failures > 0)
