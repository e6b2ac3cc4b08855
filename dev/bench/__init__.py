"""The speed of the application, in processor time: `python -m dev.bench`, or `make bench`.

Complete logins and single pages are sent through the WSGI application in this process, on SQLite and
on PostgreSQL, in turn with the same requests to a floor: the least Python that does the same work
(`floor`). On another machine the milliseconds differ; the ratio to the floor of the same run is what
counts. Only the call of the application is measured; reading forms and signing assertions is the
browser's work. The goals are in `goals`.
"""
