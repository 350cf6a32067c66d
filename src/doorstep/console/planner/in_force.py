"""The study whose network is in force: the one that was adopted last."""

from sqlalchemy import select

from doorstep.api.models.studies import NetworkStudy
from doorstep.api.views.studies import STUDIES
from doorstep.storage import Connection
from doorstep.storage.schema.journal import events
from doorstep.storage.schema.planning import network_studies

KIND, ADOPTED = "network_study", "adopted"


def study_in_force(connection: Connection, tenant_id: str) -> NetworkStudy | None:
    """Return the study that was adopted last, None if none was.

    Where the events of adoption are no longer kept, it is the newest of the studies that were adopted.
    """
    of = network_studies.c
    told = (events.c.tenant_id == tenant_id) & (events.c.kind == KIND) & (events.c.object_id == of.study_id)
    query = select(of.study_id).outerjoin_from(network_studies, events, told & (events.c.sequence == of.version))
    mine = query.where(of.tenant_id == tenant_id, of.state == ADOPTED)
    found = connection.execute(mine.order_by(events.c.event_no.desc().nulls_last(), of.study_id.desc()).limit(1))
    study_id = found.scalar()
    return STUDIES.find(connection, tenant_id, str(study_id)) if study_id else None
