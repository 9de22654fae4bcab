"""ESM's side: data cards through REST v1 or the XML Web API, behind one interface (:mod:`.store`).

:func:`.open.open_store` makes a store from :class:`.settings.EsmSettings`. Importing this package imports no network
code, so that definitions can be read without it.
"""
