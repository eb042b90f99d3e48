"""OUT: charts, workbooks and the bulletin, all from one published snapshot.

Every number passes through ``figures`` (what is missing or suppressed), ``survey.quantities`` (how
it is rounded and scaled) and ``words`` (how a change is said); ``style`` and ``fonts`` give every
page the same look.
"""
