"""What each app sends, letter for letter as its own documentation and tests show it."""

OWNTRACKS = (
    b'{"_type":"location","lat":48.85833,"lon":2.29513,"tst":1497349316,"tid":"JJ","acc":5,"alt":167,"vac":21,'
    b'"vel":61,"cog":271,"batt":67,"conn":"w","t":"u","m":1,"created_at":1736161415,"topic":"owntracks/u/d"}'
)
TRACCAR = (
    b'{"location":{"timestamp":"2025-06-15T13:45:12.862Z","coords":{"latitude":37.42,"longitude":-122.08,'
    b'"accuracy":5,"speed":0,"heading":-1,"altitude":5},"is_moving":false,"odometer":0,"event":"motionchange",'
    b'"battery":{"level":1,"is_charging":false},"activity":{"type":"still"},"extras":{}},"device_id":"48241179"}'
)
OSMAND = b"id=123456&lat=60.0&lon=30.0&timestamp=1377177267&speed=0.0&bearing=0.0&altitude=0&accuracy=5&batt=87"
OVERLAND = (
    b'{"locations":[{"type":"Feature","geometry":{"type":"Point","coordinates":[-122.03,37.33]},"properties":'
    b'{"timestamp":"2015-10-01T08:00:00-0700","speed":4,"horizontal_accuracy":30,"altitude":0,"motion":["driving"],'
    b'"battery_level":0.89,"device_id":""}}],"current":{},"trip":{}}'
)
OWN = (
    b'{"positions":[{"at":"2026-03-03T14:00:00Z","lat":41.0,"lon":-87.0,"speed_mps":8.5,"course_deg":90,'
    b'"accuracy_m":4,"battery":0.5,"moving":true},{"at":"2026-03-03T14:00:05.900Z","lat":41.0,"lon":-86.9995}]}'
)
