"""Sites, vehicles, carriers, service levels, price rules, site options, areas: the rows of the retailer folder."""

from doorstep.api.models.rows import row_model

Site = row_model(
    "Site",
    "sites",
    example={"site_id": "store-7", "kind": "store", "lat": 41.8, "lon": -87.6, "time_zone": "America/Chicago"},
)
Lane = row_model(
    "Lane",
    "lanes",
    example={
        "from_site_id": "fc-1",
        "to_site_id": "store-7",
        "departs": "05:00",
        "duration_s": 3600,
        "parcel_cost_minor": 40,
    },
)
Compartment = row_model(
    "Compartment",
    "compartments",
    example={
        "compartment_id": "L1-small",
        "site_id": "L1",
        "length_mm": 320,
        "width_mm": 230,
        "height_mm": 160,
        "count": 24,
    },
)
ClosedDay = row_model(
    "ClosedDay",
    "closed_days",
    example={"closed_day_id": "2026-12-25", "day": "2026-12-25", "name": "Christmas Day"},
)
Vehicle = row_model(
    "Vehicle",
    "vehicles",
    example={"vehicle_id": "van", "site_id": "store-7", "count": 3, "max_weight_g": 800000, "max_volume_ml": 9000000},
)
Carrier = row_model("Carrier", "carriers", example={"carrier_id": "swift", "kind": "on_demand"})
DroneFleet = row_model(
    "DroneFleet",
    "drones",
    example={"drone_id": "S7-air", "carrier_id": "skyway", "site_id": "store-7", "speed_kmh": 72, "range_m": 24000},
)
WeatherRow = row_model(
    "WeatherRow",
    "weather",
    example={"weather_id": "store-7-now", "site_id": "store-7", "from_at": 1772546400, "wind_kmh": 25},
)
ServiceLevel = row_model(
    "ServiceLevel",
    "service_levels",
    example={"service_level_id": "same_day", "method": "same_day", "cutoff": "13:00", "fee_minor": 799},
)
ExtraAtTheDoor = row_model(
    "ExtraAtTheDoor",
    "extras",
    example={"extra_id": "assembly", "service_s": 1800, "price_minor": 4900, "requirements": ["two_person"]},
)
MembershipPlan = row_model(
    "MembershipPlan",
    "membership_plans",
    example={"plan_id": "plus", "name": "Plus", "fee_minor": 9900, "free_over_minor": 3500},
)
PriceRule = row_model(
    "PriceRule",
    "price_rules",
    example={"rule_id": "free-from-50", "service_level_id": "next_day", "basket_from_minor": 5000, "fee_minor": 0},
)
Product = row_model(
    "Product",
    "products",
    example={
        "product_id": "SKU-1001",
        "length_mm": 200,
        "width_mm": 150,
        "height_mm": 100,
        "weight_g": 1200,
        "price_minor": 1999,
        "margin_minor": 600,
    },
)
SiteOption = row_model(
    "SiteOption",
    "site_options",
    example={"option_id": "store-7-hub", "site_id": "store-7", "role": "hub", "running_cost_minor": 15000},
)
DemandArea = row_model(
    "DemandArea",
    "demand_areas",
    example={"area_id": "60606", "lat": 41.882, "lon": -87.637, "population": 3200, "group": "IL"},
)
