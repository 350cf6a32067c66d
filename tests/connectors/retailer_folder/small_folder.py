"""A small sound retailer folder to spoil in tests, one text a file."""

from collections.abc import Mapping
from pathlib import Path

SOUND: dict[str, str] = {
    "sites.csv": """site_id,kind,name,lat,lon,time_zone
S1,store,Lake Street,41.88,-87.63,America/Chicago
S2,store,Oak Park,41.89,-87.79,America/Chicago
F1,fc,Joliet,41.53,-88.08,America/Chicago
""",
    "products.csv": """product_id,name,length_mm,width_mm,height_mm,weight_g,price_minor,margin_minor,flags
00101,Milk,200,90,90,1040,199,40,chilled
00102,Soap,90,60,40,120,249,80,
00103,Sofa,2000,900,800,45000,59900,15000,two_person
""",
    "stock.csv": """site_id,product_id,on_hand
S1,00101,20
S1,00102,10
S2,00101,5
F1,00102,500
F1,00103,7
""",
    "lanes.csv": """from_site_id,to_site_id,departs,duration_s,parcel_cost_minor
F1,S1,02:00,3600,60
F1,S2,02:00,3300,60
""",
    "vehicles.csv": """vehicle_id,site_id,count,shift_starts,shift_ends,max_weight_g,max_volume_ml
S1-van,S1,2,08:00,16:00,900000,3500000
""",
    "carriers.csv": """carrier_id,kind,basis
post,parcel,zone
dash,on_demand,distance
""",
    "carrier_rates.csv": """carrier_id,zone,max_weight_g,price_minor
post,near,10000,790
dash,,,1100
""",
    "carrier_zones.csv": """carrier_id,postal_prefix,zone
post,,near
""",
    "orders.csv": """order_id,placed_at,lat,lon,postal_code,service_level_id,pickup_site_id
A1,2026-03-02T09:15:00-06:00,41.90,-87.70,00501,same_day,
A2,2026-03-02T16:00:00Z,41.87,-87.80,60302,next_day,
A3,1772467200,41.88,-87.66,60612,click_and_collect,S1
""",
    "order_lines.csv": """order_id,line_no,product_id,quantity
A1,1,00101,2
A1,2,00102,1
A2,1,00103,1
A3,1,00101,1
""",
}


def write(folder: Path, spoiled: Mapping[str, str] | None = None, *, without: tuple[str, ...] = ()) -> Path:
    """Write the sound folder, with other texts for the tables named and without the files named."""
    folder.mkdir(exist_ok=True)
    texts = SOUND | {f"{table}.csv": text for table, text in (spoiled or {}).items()}
    for name, text in texts.items():
        if name not in without:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def changed(table: str, old: str, new: str) -> dict[str, str]:
    """Return one table of the sound folder with a text replaced that stands in it."""
    text = SOUND[f"{table}.csv"]
    assert old in text
    return {table: text.replace(old, new)}
