"""Tools that makers could add, with ways of asking for them: the table that `offering.py` draws from.

A line `# topic` begins tools that could be taken for each other. Then, for each tool:

    name, other_name: description; other description
    - parameter fill, parameter fill
    > way of asking; another

A fill is a range of integers, choices `a|b`, or a kind of text of `offering.FILLS`; a final `?` makes it optional.
`{v}`, `{w}` and `{x}` stand for the arguments in their order, `{n}` for a word that nobody has. A way that begins with
`choice=` means that choice without naming it.
"""

# ruff: noqa: E501 - templates read better many to a line
from __future__ import annotations

from typing import Final

TABLE: Final = """
# light
lamps, room_light: switch the lamps of the room; lights in the room on or off; room lighting
- state on|off
> turn {v} the (room) lights; lights {v}; switch the lamps {v}; on= it's pitch dark in here; on= i can't see a thing in this room; on= let there be light; off= we can sleep now kill the lights; off= it doesn't need to be lit in here any more; off= darken the room
dim_lights, lamp_level: how bright the lamps of a room are; dim the room's lamps
- room room, percent 5-95
> dim the {v} lamps to {w}; set the lights in the {v} to {w} percent; i want the lamps in the {v} at {w} percent; {v} lighting {w} percent; only {w} percent light in the {v} please; get the {v} down to {w} percent light
headlamp, head_torch: beam of the head lamp; lamp on the forehead
- beam low|high|red
> [head lamp|beam] on {v}; give me the {v} beam; {v} light on my head; switch the head torch to {v}; i need the {v} beam now; high= i need to see further into the cave; red= use the colour that keeps my night vision
lamp_colour, light_colour: colour of the lamp; choose the light's colour
- colour red|green|blue|white|purple
> make the lamp {v}; {v} light please; i'd like it {v} in here; let the lamp shine {v}; change the light to {v}; paint the room {v} with the lamp; turn the bulb {v}
# climate
thermostat, room_heat: how warm the room shall be; set the temperature indoors
- degrees 15-28
> set the thermostat to {v}; i'd like to have it {v} degrees in here; make the room {v} degrees warm; keep us at {v} degrees; heat up to {v}; cool the flat down to {v}; {v} degrees would be nice; temperature {v} please
aircon, cooler: air conditioning; cool the room; cooling unit
- state on|off
> aircon {v}; turn the cooling {v}; switch {v} the ac; on= i'm melting in here; on= it's so hot i can't work; on= could we get some cold air; off= i'm freezing from this cold air; off= stop blowing cold air at me; off= we don't need cooling any more
ventilation, air_fan: fan of the ventilation; fresh air
- speed low|medium|high
> set the fan to {v}; ventilation {v}; fan speed {v} please; high= it smells terrible in here get all the air out; high= it's really stuffy give me as much air as you can; {v} air flow; run the fan on {v}; blow {v}
open_window, air_room: open the window; let fresh air in
> open the window; it's stuffy in here; i need fresh air; let some air in; the room smells can we air it; can we get a bit of a breeze; please let the air in
blinds, sunshade: move the blinds; raise or lower the window blinds
- direction up|down
> blinds {v}; move the blinds {v}; pull the blinds {v}; down= the sun is shining right in my face through the window; down= the neighbours can look in; up= let the daylight in; up= i want to look out of the window; roll the shade {v}
zone_heat, set_zone: temperature of a heating zone; heating of one zone
- zone 2-9, degrees 10-29
> set zone {v} to {w} degrees; zone {v} at {w} degrees; make zone {v} {w} degrees warm for me; i want zone {v} at {w}; heat zone {v} up to {w} degrees; zone number {v} should have {w} degrees
dehumidify, dry_air: dry the air; take the moisture out of the air
> dry the air; it's too damp in here; the windows are all fogged up; it feels so humid; get the moisture out; the walls are getting wet; run the dehumidifier
# house
vacuum_robot, clean_floor: robot that hoovers a room; vacuum the floor of a room
- room room
> vacuum the {v}; hoover the {v} please; clean the floor of the {v}; send the robot to the {v}; there are crumbs all over the {v}; the {v} is full of dust; let the robot do the {v}; the floor in the {v} needs a clean
washing, laundry_start: start the washing machine; wash the laundry
- program cotton|wool|quick|delicate
> start the wash with {v}; wash it on {v}; {v} wash please; run the {v} program; do the laundry on {v}; quick= wash my clothes i have no time; delicate= wash these silk things be careful with them; put the machine on {v}
dishwasher_run, dishes: run the dishwasher; wash the dishes
> run the dishwasher; do the dishes; wash up for me; the plates are all dirty; get the dishes clean; start washing the dishes; all the mugs are dirty and loaded can you start it
bin_day, waste_dates: which bin is collected when; days of the rubbish collection
> when do they collect the rubbish; what day is bin day; is the trash picked up tomorrow; which bin do i put out; do i have to put the garbage out tonight; when does the bin lorry come
doorbell_view, who_is_outside: show the camera at the front door; picture of the door camera
> who's at the door; someone just rang; show me the front door; let me see who's outside; is there a delivery at the door; i heard the bell who is it; door camera please
curtain_set, drapes: open or close the curtains
- state open|closed
> make the curtains {v}; i want the drapes {v}; curtains {v} please; closed= i'd like some privacy cover the window; closed= draw the curtains; open= pull the curtains back; closed= everybody can see us from the street
garage_door, garage: move the garage door; open or close the garage
- state open|close
> {v} the garage; {v} the garage door please; garage {v}; can the garage {v}; open= i'm driving in now let me into my garage; close= i left the garage standing open; open= i want to get the bike out of the garage
mower, cut_grass: send out the lawn mower; mow the lawn
> mow the lawn; cut the grass; the grass is too long; the garden looks like a jungle; send the mower out; trim the lawn please; the lawn needs a haircut
water_garden, irrigate: water a part of the garden; sprinkle plants for some minutes
- bed item|roses|tomatoes|lawn|hedge, minutes 2-30
> water the {v} for {w} minutes; sprinkle the {v} {w} minutes; give the {v} water for {w} minutes; irrigate the {v} for {w} minutes please; {w} minutes of water for the {v}; the {v} looks dry give it {w} minutes of water
pool_pump, pool: pump of the swimming pool
- state on|off
> pool pump {v}; switch {v} the pump of the pool; turn the pool {v}; i want the swimming pool pump {v}; pump {v} please; the pool should be {v}; get the pool {v}
# kitchen
oven_heat, preheat: heat the oven; set the oven's temperature
- degrees 80-250
> preheat the oven to {v}; oven {v} degrees; heat the oven up to {v} degrees; the pizza wants {v} degrees; i'm baking at {v} degrees; get the oven hot {v} degrees; bake at {v}
kettle_boil, hot_water: boil water; water for tea
> boil some water; put the kettle on; i'd love a cuppa get the water going; heat water for tea; hot water please; start the kettle; i want to make tea
recipe_step, next_step: the recipe's next step; go on in the recipe
> what do i do next with the dough; next step of the recipe; i've chopped the onions what now; that's in the pan what comes next; go on with the recipe; done stirring what's next; continue cooking
find_dish, recipe_for: search a recipe; how a dish is cooked
- dish food
> how do i cook {v}; recipe for {v}; find me a recipe for {v}; i want to make {v} tonight; what goes into {v}; show me how {v} is made; i'd like to bake {v}; ingredients of {v}
convert_unit, unit_change: convert an amount between units of the kitchen; cups, grams and ounces
- amount 2-900, unit grams|cups|ounces|spoons
> convert {v} to {w}; how much is {v} in {w}; change {v} into {w}; what is {v} as {w}; i have {v} give it to me in {w}; turn {v} to {w} for me
pantry, stock_of: how much of a food is left at home; what the pantry holds
- food food
> do we still have {v}; how much {v} is left; are we out of {v}; check the cupboard for {v}; is there any {v} at home; have we got {v}; look in the fridge for {v}
coffee_machine, brew: make a hot drink; brew a coffee
- drink espresso|latte|tea|cocoa, cups 2-8
> make {w} cups of {v}; brew me {w} {v}; {w} times {v} please; i need {v} for {w} people; prepare {v} {w} cups; we are {w} and all want {v}; could we have {w} cups {v}
scale_weigh, weigh: weigh what is on the scale; kitchen scale
> how heavy is it; weigh this; what does it weigh; how many grams is that; weigh the flour; put it on the scale; tell me the weight
ice, ice_cubes: make ice; ice from the freezer
> make ice; i need something to cool my drink; my lemonade is warm; ice cubes please; we are out of ice; freeze some water
order_food, deliver_meal: have a meal brought; order food from a restaurant
- dish food, place word?
> order {v}; order me {v} from {w}; get {v} delivered; have {v} brought from {w}; i'd like to eat {v} please order it; i'm starving get me {v}; {v} from {w} please; can {w} deliver {v} to me
spice_dose, add_spice: add a spice with the dispenser
- spice salt|pepper|chilli, grams 2-30
> add {w} grams of {v}; {w} grams {v} please; put in {w} grams of {v}; {v} {w} grams; i'd like {w} grams more {v} in it; dose {w} grams of {v}
# car
car_lock, car_doors: lock or unlock the car
- state lock|unlock
> {v} the car; {v} my car please; can you {v} the vehicle; lock= i left the car open; lock= make sure nobody can get into my car; unlock= i want to get into my car; unlock= let me into the car; car {v}
car_find, where_parked: where the car stands; flash the parked car
> where did i leave my car; find my car; which row am i parked in; i can't find my car in this car park; make the car blink; where's my vehicle; i forgot where i parked
seat_heat, warm_seat: heat a seat of the car; seat heating
- seat driver|passenger, level 2-5
> seat heating {v} level {w}; warm the {v} seat at {w}; heat the {v} side to {w}; put the {v} seat on {w}; {v} seat to {w} please; the {v} seat should be warm level {w}
wipers, windscreen: wipers of the windscreen
- speed off|slow|fast
> wipers {v}; set the wipers to {v}; {v} wipers please; fast= it's pouring i see nothing through the windscreen; off= it stopped raining; slow= just a bit of drizzle wipe the windscreen; wipe {v}
fuel_left, range: how far the car still goes; fuel or charge of the car
> how far can i still drive; do i need to fill up; how full is the tank; is there enough petrol; how many miles are left; do i have to charge the car soon; when will i run out of gas
charge_car, car_charging: charge the car to a percentage
- percent 40-99
> charge the car to {v} percent; fill the car battery up to {v}; car {v} percent charged please; load the car until {v}; stop charging the car at {v} percent; i need {v} percent in the car
tyre_check, tyres: pressure of the tyres
> are my tyres ok; check the tires; does a wheel need air; the car pulls to one side is a tyre flat; how much pressure do the wheels have; tyre pressure please
cruise, keep_speed: hold the speed; cruise control
- speed 30-130
> keep me at {v}; hold {v}; cruise at {v}; set cruise control to {v}; go no faster than {v}; {v} and hold it; stay at {v} kilometres an hour
horn, honk: sound the horn
> honk; beep at him; sound the horn; use the horn; that driver sleeps wake him with a beep; hoot please; give them a honk
parking_pay, park_meter: pay for parking; buy parking minutes
- minutes 20-180
> pay {v} minutes of parking; park for {v} minutes; i stay here {v} minutes pay the parking; parking ticket for {v} minutes; buy {v} minutes at the meter; put {v} minutes on the meter
speed_limit, allowed_speed: the speed allowed on this road
> how fast may i go here; what's the limit; what's the speed limit; am i too fast; how fast am i allowed to drive; is it fifty here
traffic, road_jams: traffic jams on a road
- road road
> is there a jam on {v}; how's the traffic on {v}; is {v} clear; are there delays on {v}; anything blocked on {v}; traffic report for {v}; will i get stuck on {v}
# bike
bike_gear, shift: change the bike's gear
- direction up|down
> shift {v}; one gear {v}; gear {v} please; down= this hill is too steep i can't pedal; down= pedalling is too hard; up= my legs spin like crazy i want it harder; change {v} a gear
bike_assist, motor_help: support of the bike's motor
- level off|eco|tour|turbo
> assist {v}; set the motor to {v}; {v} support please; turbo= i need all the help the motor has; off= i'd like to pedal on my own; ride in {v}; switch the bike to {v}
bike_lock, secure_bike: lock the bike
> lock my bike; secure the bike; i'm going into the shop don't let anyone steal my bike; make the bike safe; put the lock on the bike; i'm done riding lock it
ride_speed, speed_now: the speed of the ride
> how fast am i riding; what's my speed; am i going fast; tell me how quick i am; speed please; how many kilometres per hour is this
turn_signal, indicator: blink left or right; turn signals
- side left|right
> blink {v}; indicate {v}; signal {v}; i'm turning {v}; show them i go {v}; {v} turn coming put the light; {v} indicator on
# office
meeting_room, book_room: reserve a meeting room for some people
- room word, people 2-20
> book {v} for {w} people; reserve room {v} for {w}; we need {v} for {w} persons; get us the room {v} for {w} people; is room {v} free book it for {w}; we are {w} put us in the room {v}
print_pages, printer: print copies; print on the printer
- copies 2-90
> print {v} copies; i need {v} of these on paper; {v} prints please; run off {v} copies; get me {v} hard copies; make {v} printouts; send {v} to the printer
agenda, next_meeting: appointments of the day; the calendar
> what do i have today; when's my next meeting; am i busy this afternoon; what's on my schedule; what's on for today; do i have any appointments; read my calendar; am i free later
add_event, appointment: put an appointment into the calendar; new calendar entry
- title thought, hour 2-12
> put {v} into the calendar at {w}; new appointment {v} at {w}; schedule {v} at {w} o'clock; enter {v} at {w} in my calendar; i have {v} at {w} add it to the calendar; block {w} o'clock for {v}
inbox, unread_mail: read new e-mails; what came by mail
> any new emails; did someone write me; read my inbox; do i have mail; what's in my inbox; has anything come in; check my email
write_email, email: write an e-mail to a person
- who who, text saying
> email {v} that {w}; send an email to {v} saying {w}; write {v} an e-mail that {w}; mail {v} saying {w}; new email to {v} saying {w}; shoot {v} an email that {w}
mute_mic, microphone: switch the microphone in a meeting
- state on|off
> mic {v}; turn my microphone {v}; off= they shouldn't hear me; off= i have to cough don't let them hear it; on= i want to say something to the meeting; on= let them hear me again; microphone {v} please
badge_in, clock_in: record the beginning or end of work; time clock
- state in|out
> clock me {v}; badge {v}; stamp me {v}; out= i'm done for today; out= i'm going home log it; in= i just arrived at work; in= my shift begins now; punch {v}
free_desk, desk_finder: find a free desk
> where can i sit today; is there a free desk; find me a place to work; any desks open; i need a workplace; which desk is nobody using
to_do, new_task: add a task; task list
- task thought, priority low|normal|high
> add the task {v} with {w} priority; to do {v} priority {w}; i have to {v} make it {w} priority; put {v} on my tasks as {w}; new task {v} as {w}; task {v} it's {w} priority
# factory
conveyor, belt: move or stop the belt; conveyor belt
- state run|stop
> {v} the belt; let the conveyor {v}; belt {v}; stop= something is stuck on the belt; stop= my sleeve is caught; run= it's clear the parts may move again; make it {v}; conveyor {v} please
report_fault, machine_fault: report a broken machine
- machine item, fault fault
> report that the {v} {w}; tell maintenance the {v} {w}; the {v} {w} report it; fault on the {v} it {w}; there's a problem the {v} {w}; put in a report the {v} {w}
torque, screw_force: torque of the screwdriver
- newton 2-200
> torque {v}; set {v} newton metres; tighten with {v}; i need {v} newton metres on this bolt; screwdriver to {v}; change the torque to {v}; put {v} on the driver
manual_page, open_manual: open the manual of a machine
- machine item
> open the manual of the {v}; how do i operate the {v}; show the instructions for the {v}; i don't know how the {v} works; manual for the {v}; get me the handbook of the {v}; i need help using the {v}
work_step, confirm_step: confirm the step is done; mark this work step as finished
> done with this one; step finished; i've finished that; confirm; tick it off; that's fitted next; mark it as done; part is in
defect, quality_log: log a defect of a part; quality record
- kind scratch|dent|crack|missing
> log a {v}; there's a {v} on this one; this part has a {v}; i found a {v}; {v} on the part; write the {v} into the quality log; quality problem {v}
emergency_stop, halt_all: stop all machines at once
> stop everything; emergency; kill the machines; halt all; somebody is hurt shut the line down; shut it all down now; everything off
robot_arm, arm_move: move the robot's arm by centimetres
- direction up|down|left|right, centimetres 2-60
> arm {v} by {w}; move the arm {v} {w} centimetres; {w} centimetres {v} with the robot; shift it {v} {w} centimetres; bring the gripper {v} by {w}; robot {v} {w} please
gripper, grab_part: open or close the robot's gripper
- state open|close
> {v} the gripper; gripper {v}; {v} the hand of the robot; close= grab the part; close= take hold of it robot; open= let go of the part; open= drop it robot; claw {v}
# warehouse
stock_count, set_stock: how many of an article are there; record the count of an article
- article item, count 2-900
> stock of {v} is {w}; i counted {w} of the {v}; there are {v} exactly {w}; set {v} to {w} pieces; write {w} for {v}; {v} count {w}
pick_next, next_order: next article to be picked; go on with the picking list
> what do i pick next; next item; what's the next one to fetch; got it what else; picked it go on; which box now; next order please
find_shelf, bin_location: the shelf of an article; where an article is stored
- article item
> where do we keep the {v}; which aisle has the {v}; find the shelf of the {v}; in what bin is the {v}; where's the {v} stored; location of {v}; i can't find the {v} in the warehouse
scan_parcel, scan: scan a barcode; read the code of a parcel
> scan this; read the barcode; scan the parcel; book this box in by its code; what parcel is this scan it; use the scanner
forklift, call_lift: call the forklift to a gate
- gate 2-60
> forklift to gate {v}; i need the truck at gate {v}; send the forklift to {v}; heavy pallet at gate {v}; get a lift to gate {v}; gate {v} needs the fork lift; bring the forklift to {v}
ship_to, send_item: send an article to a customer; ship goods
- article item, who who
> ship {v} to {w}; send {v} to {w}; dispatch {v} to {w}; {v} goes to {w}; get {v} shipped to {w}; deliver {v} to {w} please; {w} ordered {v} ship it
# hospital
patient_file, chart: open a patient's file; medical record of a patient
- patient who
> open the file of {v}; show me the chart of {v}; what's wrong with {v} open the record; pull up {v}; medical history of {v}; i'm with {v} now show the record; patient {v}
vitals, read_vitals: pulse and blood pressure of the patient
> how is the patient doing; what's the blood pressure; read the vitals; is the heart rate ok; pulse and pressure please; are the values normal; show the patient's vitals
give_drug, drug_log: record a drug that was given, in milligrams
- drug drug, milligrams 5-900
> gave {w} milligrams of {v}; i gave {v} {w} milligrams; {w} milligrams {v} given; log {v} {w} milligrams; patient got {w} milligrams of {v}; record {v} with {w}; administered {w} of {v}
nurse, call_help: call a nurse to a room
- room 2-400
> nurse to room {v}; i need help in room {v}; send someone to {v}; room {v} needs a nurse; can a nurse come to {v}; somebody fell in room {v}; help needed room {v}
bed_move, raise_bed: move the patient's bed
- part head|feet, direction up|down
> {v} {w}; move the {v} {w}; bring the {v} {w}; {v} end {w} please; put the {v} of the bed {w}; i'd like the {v} {w}
pill_time, my_pills: which medicine is due; medicines to take
> do i have to take a tablet now; which pills are next; did i take my pills; what's my medication today; when is my next dose; is it time for my medicine
infusion, drip: rate of the infusion
- rate 5-250
> infusion at {v}; set the drip to {v}; run it at {v} millilitres; drip rate {v}; slow the drip to {v}; let it run with {v}; infusion pump {v}
# lab
centrifuge, spin: spin the samples for some minutes
- minutes 2-60
> spin for {v} minutes; centrifuge {v} minutes; {v} minutes in the centrifuge; run the samples {v} minutes; give it a {v} minute spin; spin down {v} minutes
magnify, microscope_zoom: magnification of the microscope
- times 4-400
> magnify {v} times; microscope to {v} times; i want to see the cells {v} times larger; {v} times zoom; put the {v} lens in; go to {v} times magnification
sample_label, name_sample: label a sample; give the sample a name
- name word
> label this sample {v}; call the sample {v}; this probe is {v}; name it {v}; sample name {v}; the tube is called {v}; write {v} on the sample
log_value, record_value: record a measured value in the lab book
- quantity quantity, value 2-900
> record {v} {w}; {v} is {w} log it; log {v} of {w}; put {v} {w} in the lab book; i read a {v} of {w}; write {v} {w} into the protocol; the {v} now reads {w}
stirrer, stir: stir the liquid; magnetic stirrer
- state on|off
> stirrer {v}; stirring {v}; turn the stirrer {v}; on= mix it; on= the powder isn't dissolving get it moving; off= it's mixed enough; off= let the liquid rest
fume_hood, extract: suck off the fumes; fume hood
> suck the fumes off; it stinks of acid; start the hood; get rid of these vapours; the fumes are bad; fume hood please; clear the air over the bench
# farm
feed_animals, feeder: give animals their feed; fill a trough
- animals cows|pigs|chickens|horses
> feed the {v}; the {v} are hungry; give the {v} their food; {v} need feeding; fill the trough of the {v}; time to feed the {v}; food for the {v}
milk_robot, milking: start the milking
> start the milking; milk the cows; it's time to milk; the cows wait to be milked; get the milk robot going; cows are ready in the parlour
field_moist, soil_water: how wet the soil of a field is
- field word
> is {v} too dry; how wet is the field {v}; soil of {v} please; does {v} need rain; moisture in field {v}; do i have to water {v}; how dry is it on {v}
tractor_steer, auto_steer: steer the tractor automatically
- state on|off
> auto steering {v}; tractor steer {v}; on= drive along the row on your own; on= take the wheel for this field; off= i'd like to steer myself; off= give me the wheel back; steering {v}
gate_stable, let_out: open or close the gate of the animals
- state open|closed
> stable gate {v}; gate {v}; open= let the sheep out; closed= keep the cows in; closed= don't let the animals run away; open= the horses may go to the meadow; make the gate {v}
egg_count, eggs: record eggs that were found
- count 2-200
> {v} eggs today; i collected {v} eggs; found {v} eggs; log {v} eggs; there were {v} in the nest; the hens laid {v}; write down {v} from the hens
# sport
lap, new_lap: count a lap; mark the end of a round
> lap; that's another round; count this lap; one more round done; i just passed the start line; next lap; mark it
pulse, heart_rate: the heart rate now; how fast the heart beats
> how fast is my heart; what's my pulse; am i pushing too hard my heart is pounding; beats per minute; heart rate; is my heart ok; check my pulse
workout_start, begin_training: begin a training
- kind running|cycling|rowing|yoga
> start {v}; i'm going {v}; let's do some {v}; begin my {v}; time for {v}; track my {v}; i'm off {v}; {v} session please
workout_end, stop_training: end the training
> i'm done training; stop the workout; that's enough for today; end the run; i'm exhausted finish it; workout over; i can't go on stop tracking
steps, step_count: steps walked today
> how much have i walked; how many steps; did i reach my steps; steps today; have i moved enough; am i at ten thousand; step count please
log_set, add_set: record an exercise with its repetitions
- exercise exercise, reps 2-60
> {w} {v}; i did {w} {v}; log {w} {v}; just finished {w} {v}; {v} {w} times; record {v} {w} times; {w} more {v} done
treadmill_speed, belt_speed: speed of the treadmill
- speed 3-18
> treadmill at {v}; run at {v}; speed {v}; let me jog at {v}; slow down to {v}; take it up to {v}; i want to run {v}
score_point, point: give a point to a side; keep the score
- side home|guests
> point for {v}; {v} scored; one for the {v}; {v} made it; goal for {v}; give {v} the point; {v} get one
pace_goal, target_heart: keep the pulse below a value; upper limit of the heart rate
- beats 90-190
> keep my pulse below {v}; warn me over {v} beats; not more than {v} heart beats; heart limit {v}; my doctor says at most {v}; beep if my heart goes over {v}
ski_runs, open_lifts: which lifts and slopes are open
> which lifts are running; are the slopes open; can i ski here; what pistes are open; is the gondola going; how are the slopes
# music
play_track, play_music: play a song or an artist
- what song
> play {v}; put on {v}; i want to hear {v}; i feel like listening to {v}; let me hear {v}; some {v} please; can we have {v} on; play me {v}; blast {v}
skip_song, next_track: go to the next song
> skip this; i don't like this song; next one; not this song again; another song please; play something else; this track is boring
pause_music, halt_song: pause the music
> pause; stop the music; hold the song; someone wants to talk to me stop playing; silence the song; halt the music
like_song, favourite: mark the song as a favourite
> i like this one; love this song; put a heart on it; keep this song in my favourites; what a tune save it; this is great thumbs up; mark the track
song_name, what_plays: name of the song that plays
> what's this song; who's singing; what's playing; name that tune; which band is this; i know this melody what is it; identify the music
repeat_song, loop: play the song again and again
> again; one more time this song; repeat it; loop this track; i could hear this forever; play it over and over; put it on repeat
metronome, beat: beats per minute of the metronome
- beats 40-200
> metronome {v}; give me a beat of {v}; {v} beats per minute; click at {v}; tempo {v}; set the click to {v}; i'm practising at {v}
tune_note, tuning_tone: sound a tone to tune an instrument
- tone e|a|d|g|b
> give me {v}; {v} tone please; sound the {v}; tune to {v}; my {v} string is off; play the tone {v}; i need a {v}
queue_song, add_to_queue: add a song to those that play next, from an artist
- song song, artist who
> queue {v} by {w}; after this {v} by {w}; add {v} by {w}; line up {v} from {w}; next play {v} by {w}; put {v} by {w} in the queue
sing_words, lyrics: text of the song that plays
> show the lyrics; what are they singing; i want to sing along; words of this song; what's the text of the song; karaoke please
# camera
zoom, zoom_in: enlarge the picture by a factor
- times 2-20
> zoom {v} times; {v} times closer; get me {v} times nearer; enlarge it {v} times; magnification {v}; make it {v} times bigger; zoom to {v}
self_timer, delay_shot: delay of the camera in seconds
- seconds 2-30
> self timer {v} seconds; wait {v} seconds before the shot; delay the shot by {v}; give me {v} seconds to get into the frame; shutter delay {v}; release after {v} seconds
picture_mode, shot_mode: mode of the camera
- mode portrait|night|sports|macro
> camera in {v} mode; {v} mode; use {v} for this shot; switch the camera to {v}; macro= i want to get really close to this tiny bug; night= the camera should cope with this darkness; sports= the players are blurred they move too fast; set it to {v}
gallery, show_pictures: show the pictures that were taken
> show me my pictures; what did i shoot today; let me see the photos i took; open the gallery; i want to look at my shots; browse my photos; my pictures please
delete_shot, drop_picture: delete the last picture
> delete that picture; that shot is terrible get rid of it; throw the last photo away; i had my eyes closed remove it; trash this shot; drop the last one
flash_mode, camera_flash: flash of the camera
- state on|off|auto
> flash {v}; turn the flash {v}; camera flash to {v}; off= no flash they don't allow it in the museum; set the flash {v}; i want the flash {v}; {v} flash please
share_picture, send_shot: send the last picture to a person
- who who
> share the picture with {v}; send my last shot to {v}; {v} should see this picture; give the photo to {v}; pass the photo on to {v}; let {v} have the picture; show my shot to {v}
stream_live, go_live: stream what the camera sees
> go live; let everyone watch what i see; start streaming; i want to be live; broadcast this; live stream please; show my followers what i'm looking at
# travel
flight_status, my_flight: state of a flight
- flight flight
> is {v} on time; status of {v}; when does {v} leave; is flight {v} delayed; how late is {v}; which gate for {v}; has {v} landed; what about flight {v}
next_train, departures: next trains to a town
- town town
> when does the next train to {v} go; trains to {v}; how can i get a train to {v}; i'd like to catch a train to {v}; next departure for {v}; is there a train to {v}; rail to {v}
book_hotel, hotel: book a hotel room in a town for some nights
- town town, nights 2-14
> book a hotel in {v} for {w} nights; {w} nights in {v}; i need somewhere to sleep in {v} for {w} nights; get me a bed in {v} for {w} nights; room in {v} for {w} nights; we stay {w} nights in {v}
book_table, reserve_table: reserve a table in a restaurant
- people 2-14, place word
> book a table for {v} at {w}; reserve for {v} people at {w}; table for {v} at {w}; we are {v} get us into {w}; i want to eat at {w} with {v} people; {v} seats at {w}; dinner for {v} at {w}
boarding_pass, show_ticket: show the ticket
> show my ticket; they want to see my boarding pass; where's my ticket; i'm at the gate pull up the pass; ticket please; the conductor is coming; open the boarding pass
exchange_rate, currency: change an amount of money into another currency
- amount 2-900, currency euros|dollars|pounds|yen
> how much is {v} in {w}; {v} to {w}; convert {v} into {w}; what are {v} in {w}; change {v} to {w}; {v} would be how many {w}
pack_check, luggage: what still has to be packed
> what do i still need to pack; is my suitcase complete; what's missing in my bag; did i pack everything; what else goes into the luggage; packing check
visa_info, entry_rules: what is needed to enter a country
- country town
> do i need a visa for {v}; can i travel to {v} just like that; entry rules of {v}; what papers do i need for {v}; may i enter {v}; requirements for {v}
tide, sea_level: high and low water
> when is high tide; is the water coming in; low water when; can i walk on the beach later; tides today; when does the sea come back
# weather
forecast, weather_on: the weather of a day
- day today|tomorrow|sunday
> how will it be outside {v}; weather {v}; do i need an umbrella {v}; will it rain {v}; is it going to be sunny {v}; can we have the picnic {v}; should i wear a coat {v}; forecast for {v}
wind_now, wind: how strong the wind blows
> how windy is it; is the wind strong; which direction is the wind; can i fly a kite; too windy for sailing; wind speed; how hard does it blow
uv_index, sun_strength: how strong the sun is
> do i need sunscreen; will i get burnt; how strong is the sun; is the sun dangerous now; uv index; should i put lotion on
air_quality, smog: how clean the air outside is
> is the air clean; can i breathe outside; how bad is the smog; is it ok to run outside with my asthma; air quality; pollution please
# shopping
price_compare, cheaper: where an article is cheapest
- article item
> where's the {v} cheaper; compare prices for a {v}; best price of {v}; who sells the {v} for less; is there a cheaper {v}; is this {v} too expensive; cheapest {v}
reviews, ratings: what others say of a product
- product item
> is the {v} any good; reviews of {v}; what do people say about this {v}; should i trust this {v}; rating of the {v}; do buyers like the {v}; opinions on the {v}
pay_now, checkout: pay the bill
> i'd like to pay; pay; let me pay for this; check out please; settle the bill; i'm at the till; get this paid
order_item, buy: order a number of an article
- count 2-60, article item
> order {v} of {w}; buy {v} {w}; get me {v} {w}; i'd like {v} pieces of {w}; we're out of it order {v} {w}; {v} more {w} please; purchase {v} {w}
size_check, my_size: which clothes fit
- size small|medium|large
> do they have this in {v}; is it there in {v}; i need it in {v}; {v} please for the shirt; have you got {v}; look for {v}; the shirt in {v}
return_item, send_back: send an order back
- article item
> i want to return the {v}; send the {v} back; the {v} doesn't fit give it back; return {v}; i don't want the {v} any more; get me my money back for the {v}; the {v} goes back
coupon, discounts: vouchers that can be used here
> is there a discount; any coupons for this shop; can i get it cheaper; do i have a voucher; deals please; save me some money here
# money
send_money, transfer: send money to a person
- amount 2-900, who who
> send {v} to {w}; transfer {v} euros to {w}; pay {v} dollars to {w}; i owe {v} to {w}; give {v} bucks to {w}; wire {v} to {w}; {v} euros for {w}
balance, account: money on the account
> how much money do i have; am i broke; can i afford this; my balance; what's on my account; is my salary in; how am i doing financially
log_expense, spent: record money that was spent
- amount 2-900, purpose food
> i spent {v} on {w}; log {v} for {w}; {v} euros went for {w}; paid {v} for {w}; expense {v} for {w}; {v} dollars on {w}; write off {v} for {w}
stock_price, shares: price of a company's shares
- company word
> how's {v} doing on the market; share price of {v}; what's {v} trading at; should i sell {v} what's it worth; {v} stock; quote for {v}; is {v} up today
tip, tip_amount: compute a tip in percent
- percent 5-30
> what's a {v} percent tip; add {v} percent; {v} percent tip; tip them {v} percent; give the waiter {v} percent; how much is {v} percent on the bill
split_bill, share_bill: divide the bill among people
- people 2-14
> split the bill by {v}; we're {v} divide it; what does each of us pay we are {v}; share it among {v}; {v} ways please; divide by {v}; {v} of us are paying
freeze_card, block_card: block the bank card
> block my card; i lost my credit card; somebody stole my wallet; freeze it my card is gone; stop all payments with my card; my bank card was taken
# navigation
compass, heading: the direction one looks to
> which way is north; where am i facing; compass; what direction is this; am i going south; which way am i looking; heading please
altitude, how_high: height above the sea
> how high am i; height above sea level; what's the altitude; how far up the mountain are we; elevation please; are we at two thousand metres yet
bus_stop_time, next_bus: when the next bus of a line comes
- line 2-99
> when does the {v} come; next bus {v}; how long until the {v} bus; bus {v} please; i'm waiting for the {v} when does it come; is the {v} late; time of line {v}
save_place, pin: mark this place with a name
- name word
> mark this spot as {v}; pin this as {v}; call this place {v}; save where i am as {v}; this location is {v}; drop a pin named {v}; put {v} on the map
avoid_stairs, step_free: routes without stairs
- state on|off
> avoid stairs {v}; step free {v}; no stairs mode {v}; on= i'm in a wheelchair; on= i've got a pram with me; on= my knee hurts i can't climb; off= steps are fine with me; stair avoidance {v}
arrival, eta: when we arrive
> how long till we're there; when do we arrive; are we there yet; what's our arrival time; how much longer does it take; will i make it in time
share_location, where_i_am: show a person where one is
- who who
> share my location with {v}; let {v} see where i am; {v} wants to know where i am; send my position to {v}; {v} should be able to find me; show {v} where i am on the map; give my position to {v}
# games
roll_dice, dice: roll dice
- count 2-9
> roll {v} dice; throw {v}; {v} dice please; give me a throw of {v}; toss {v} dice; i need {v} dice rolled; let's see {v} dice
flip_coin, coin: toss a coin
> heads or tails; flip a coin; toss a coin; i can't decide let luck decide; coin please; let's leave it to chance
chess_move, play_move: move a piece to a square in chess
- piece king|queen|rook|bishop|knight|pawn, square square
> {v} to {w}; move the {v} to {w}; my {v} goes to {w}; put the {v} on {w}; {v} takes {w}; i play {v} to {w}; push the {v} to {w}
new_quiz, quiz: ask quiz questions
- topic animals|history|music|space
> quiz me on {v}; ask me something about {v}; test my knowledge of {v}; {v} quiz; trivia about {v}; let's play with {v} questions; i'm bored ask me things on {v}
game_save, save_game: save the state of the game
> save the game; i have to stop playing keep my progress; don't lose my level; save my progress; checkpoint; keep where i am in the game
difficulty, game_level: how hard the game is
- level easy|normal|hard
> make it {v}; {v} mode; play on {v}; change it to {v}; easy= i keep losing this game is too much for me; hard= this is no challenge for me; i want a {v} game; set the game to {v}
hint, game_hint: help in the game
> i'm stuck; give me a hint; what's the solution; help me with this puzzle; i don't know how to go on in the game; a clue please
# accessibility
read_aloud, speak_text: read texts aloud
- speed slow|normal|fast
> read aloud {v}; read it to me {v}; voice {v} please; speak the text {v}; slow= you read too quickly for me; fast= hurry up with your reading; reading speed {v}
captions, live_subtitles: show what people say as text
- state on|off
> captions {v}; subtitles {v}; turn {v} the captions; on= i can't hear what she's saying write it for me; on= i'm deaf show me what they say; off= i don't need the subtitles; show speech as text {v}
hearing_boost, amplify: amplify voices around
> i can't hear the person next to me; make voices stronger; amplify; it's noisy i don't understand my friend; boost the voices; help my ears; everyone mumbles
colour_name, which_colour: tell the colour of what is ahead with a sensor
> is this sock blue or black i'm colour blind; colour sensor please; use the colour sensor; check the shade with the sensor; sense the colour; what shade is this
text_size, font: size of the letters
- size small|medium|large
> {v} letters; make the text {v}; font size {v}; write {v}; large= the letters are too tiny for my old eyes; large= i forgot my reading glasses; small= the letters take up the whole view; {v} text please
obstacle_alert, cane: warn of obstacles on the way
- state on|off
> obstacle warning {v}; warnings {v}; cane mode {v}; on= i'm blind don't let me bump into things; on= make sure i don't walk into something; off= stop warning me about every pole; obstacle alert {v}
sign_language, interpret_signs: interpret sign language
> what is she signing; interpret the sign language; he's deaf what do his hands say; understand the hands; translate his gestures please; read the hand signs
# security
alarm_system, house_alarm: arm or disarm the alarm of the house
- state arm|disarm
> {v} the house; {v} the alarm; arm= we're leaving protect the house; arm= watch the house while i'm away; disarm= it's only me stop the siren; disarm= i'm back home no need to guard; alarm {v}; {v} it please
lock_door, bolt: lock a door
- door room
> lock the {v}; bolt the {v}; secure the {v}; nobody should get into the {v}; keep everyone out of the {v}; shut and lock the {v}
let_in, buzz_in: open the house door for a visitor
- who who
> let {v} in; buzz {v} in; {v} is here please open; open the door for {v}; {v} may come in; give {v} access; let {v} into the building
sos, panic: call for help in an emergency
> help me i'm in danger; sos; someone is following me; i feel threatened; panic button; i'm being attacked; i need rescue
smoke_test, smoke_check: test the smoke detectors
> do the smoke detectors work; test the fire alarm; is there smoke in the house; check the detectors; are we safe from fire
guest_wifi, visitor_code: show the wifi code for guests
> our visitors want to go online; what's the wifi code for guests; guest internet; my friend needs the wifi; show the guest network; how do guests get online
# pets
feed_pet, pet_food: fill the bowl of a pet
- pet who, grams 10-200
> feed {v} {w} grams; {w} grams for {v}; give {v} {w} grams of food; {v} is hungry {w} grams please; fill the bowl of {v} with {w} grams; {v} gets {w} grams
find_pet, pet_tracker: where a pet is by its collar
- pet who
> where's my dog {v}; find {v} my cat; {v} ran away; i can't find my cat {v}; track the collar of {v}; has anyone seen my dog {v}; locate the collar of {v}
pet_door, cat_flap: lock or open the cat flap
- state open|closed
> cat flap {v}; flap {v}; open= the cat wants to go out; closed= keep the cat inside tonight; open= let the cat in; closed= the cat must stay at home; leave the flap {v}
throw_ball, ball_machine: throw a ball for the dog
> throw the ball; the dog wants to play; play fetch with the dog; launch a ball; my dog is bored; keep the dog busy
aquarium, fish_tank: light and pump of the fish tank
- part light|pump|heater
> fish tank {v}; aquarium {v} please; the fish need the {v}; run the {v} of the tank; start the {v} for the fish; tank {v} on
# children
baby_monitor, nursery: listen to the baby's room
> is the baby awake; listen to the nursery; do i hear crying; check on the baby; what's the little one doing; is she still asleep in the cot
story, bedtime_story: tell a story about something
- about item
> tell the kids a story about a {v}; bedtime story with a {v}; a fairy tale about a {v}; the little one wants to hear about a {v} before sleep; story of the {v}; once upon a time with a {v}; make up a tale with a {v}
lullaby, sleep_song: sing the baby to sleep
> sing the baby to sleep; she won't stop crying; lullaby; help the baby to fall asleep; play something so the baby sleeps; the baby is restless
screen_time, child_limit: minutes a child may use the screen
- child name, minutes 5-90
> {v} may watch {w} minutes; give {v} {w} minutes of screen; limit {v} to {w} minutes; {w} minutes of tablet for {v}; {v} gets {w} minutes; not more than {w} minutes for {v}
chore_done, star_chart: give a child a star
- child name
> {v} tidied up give a star; a star for {v}; {v} was so good today; reward {v}; {v} earned a star; well done {v} that earns a star; {v} did the chores
# robots
drone_up, take_off: let the drone take off
> take off; get the drone in the air; fly; lift off; start the drone; up you go drone; launch it
drone_land, land: land the drone
> land; bring the drone down; the drone battery is low get it back on the ground; come down drone; set it down; end the flight; touch down
drone_fly, fly_to: fly the drone in a direction for metres
- direction forward|back|left|right|up|down, metres 2-90
> fly {v} {w} metres; go {v} by {w}; {w} metres {v}; drone {v} {w}; move it {v} {w} metres; {v} for {w} metres; send it {w} metres {v}
follow_me, track_me: let the drone or robot follow
> follow me; stay behind me; come along; keep up with me; walk after me; stick with me robot; i'm walking come with me
robot_fetch, bring: let the robot bring a thing from a room
- thing item, room room
> bring me the {v} from the {w}; fetch {v} from the {w}; get the {v} out of the {w}; robot the {v} is in the {w} bring it; i need my {v} go get it in the {w}; go to the {w} and get the {v} for me
dock, go_charge: send the robot to its charger
> go back to your charger; dock; robot go home; park yourself; the robot is nearly empty; charge yourself robot; return to base
arm_speed, robot_speed: how fast the robot moves
- percent 5-99
> robot speed {v}; move at {v} percent; slow the robot to {v}; robot to {v} percent; run at {v} percent speed; let it go {v} percent fast
# phone
do_not_disturb, quiet_hours: let nobody disturb
- state on|off
> do not disturb {v}; quiet hours {v}; on= i don't want to be bothered; on= hold all my notifications; on= leave me alone for now; off= people may reach me again; disturb mode {v}; off= let the notifications through again
open_app, launch: open an app
- app word
> open {v}; launch {v}; start the app {v}; go to {v} on my phone; i want to use {v}; bring up {v}; run {v} please
hang_up, end_call: end the phone call
> hang up; end the call; i'm done talking; say bye and cut the line; finish the call; drop the call; get me off this call
answer, pick_up: take the incoming phone call
> answer it; pick up; take the call; i'm getting a call accept it; yes i'll take it; somebody rings pick up; accept
decline, reject_call: refuse the incoming phone call
> reject it; not now let it ring out; decline; i don't want to talk to them; ignore the call; send it to voicemail; refuse
hotspot, share_internet: share the phone's internet
- state on|off
> hotspot {v}; turn {v} the hotspot; on= my laptop needs internet; on= let my tablet use my data; off= stop sharing my data; sharing {v}; mobile hotspot {v} please
read_news, headlines: the news
- topic politics|sports|business|science
> what's new in {v}; {v} news; any headlines on {v}; tell me what happened in {v}; read the {v} news; i want to hear about {v} today; what's going on in {v}
podcast, play_podcast: play an episode of a show
- show word, episode 2-200
> play {v} episode {w}; put on the show {v} number {w}; episode {w} of {v}; i want to hear {v} part {w}; listen to {v} episode {w}; continue {v} at episode {w}
define_word, dictionary: what a word means
- word word
> what does {v} mean; define {v}; what is meant by {v}; meaning of {v}; i don't know the word {v}; look up the word {v}; explain the word {v}; definition of {v}
spell, spell_word: spell a word
- word word
> how do you spell {v}; spell {v}; how is {v} written; letters of {v}; what's the spelling of {v}; is there a double letter in {v}
web, search_web: search the internet
- query query
> google {v}; search for {v}; look online for {v}; what does the internet say about {v}; find out about {v}; search the web for {v}; look {v} up on the net
wake_alarm, get_up: wake at an hour
- hour 2-12
> get me up at {v}; i have to get up at {v}; don't let me sleep past {v}; wake me at {v}; alarm at {v} o'clock; i need to be awake at {v}; make sure i'm up by {v}
stopwatch, chrono: measure how long something takes
- action start|stop|reset
> {v} the stopwatch; stopwatch {v}; {v} the clock; start= see how long i take; stop= i crossed the line; reset= put the clock back to zero; chrono {v}
# unknown
{n}, {n}_mode: switch the {n}; the {n} on or off
- state on|off
> {n} {v}; turn the {n} {v}; switch {v} my {n}; i want the {n} {v}; put the {n} {v}; could the {n} be {v}; the {n} should be {v}
set_{n}, {n}_level: level of the {n}; change the {n}
- level 2-200
> {n} {v}; set {n} to {v}; the {n} should be {v}; bring the {n} to {v}; i need {v} {n}; make the {n} {v}; change my {n} to {v}
{n}_to, move_{n}: move the {n} to a place
- place room
> move the {n} to the {v}; {n} to the {v}; put the {n} into the {v}; the {n} belongs in the {v}; bring {n} into the {v}; let the {n} go to the {v}
check_{n}, {n}_state: state of the {n}; how the {n} is
> how is the {n}; check the {n}; is my {n} okay; what about the {n}; {n} status; look after the {n}; anything wrong with the {n}
{n}_send, give_{n}: send a number of {n} to a person
- count 2-60, who who
> send {v} {n} to {w}; give {v} {n} to {w}; {v} {n} for {w}; transfer {v} {n} to {w}
ask_{n}, {n}_search: look something up in {n}
- query item
> look up {v} in {n}; ask {n} for {v}; does {n} know {v}; search {n} for {v}; what does {n} say about {v}; find {v} with {n}
"""
