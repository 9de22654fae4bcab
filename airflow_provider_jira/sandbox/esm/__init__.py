"""A stand-in for ESM: REST API v1, the XML Web API and EQL over cards in SQLite, to run the connector against locally.

What the vendor documents is kept to the letter: a contract test checks the answers against the vendor's OpenAPI
document. Where the vendor is silent, the behaviour is a switch (``switches.py``), so that a client can be tested with
every answer that a real ESM might give.
"""
