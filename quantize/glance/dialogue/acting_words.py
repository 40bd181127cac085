"""More ways in which people of all kinds tell the device what to do: frames for the skills in `acting.py`."""

# ruff: noqa: E501 - templates read better many to a line
from __future__ import annotations

from typing import Final


def _frames(text: str) -> tuple[str, ...]:
    """Frames are parted by semicolons and line ends."""
    return tuple(frame for line in text.split("\n") for frame in (part.strip() for part in line.split(";")) if frame)


REASONS: Final = _frames("""
    i'm in a cinema; the show begins; there's a lecture on; my husband is asleep; grandma is napping; we are in church; my ears hurt; people stare at me
    someone is talking to me; i'm on the train; the class has begun; it hurts my ears; the dog is scared; i need to concentrate
""")
PHOTO: Final = _frames("""
    i'd love a [photo|picture] of [this|that|the {thing}]; this is [so|really] beautiful take a [photo|picture]; [photo|picture] time; get this on camera; could you be so kind and take a [photo|picture]; let's have a [photo|picture]
    take one of [this|that|the {thing}] too; shoot; get me a shot of the {thing}; quick a [photo|picture] before it's gone; i wanna take a [pic|photo]; pic of [this|that|the {thing}] please; take a pic; snap it; snap; snapshot; make photo
    one [photo|picture] please; please do a [photo|picture] of the {thing}; can we get a [picture|photo] of [us|that|the {thing}]; the {thing} take a [picture|photo] of it; do me a [photo|picture]; my wife should see this take a [photo|picture]
    i want to show this to my [wife|friends|kids] later take a [photo|picture]; [use|press] the [camera|shutter] (now); camera click; click a [photo|picture]; click one; freeze this moment in a [photo|picture]; i need a [photo|picture] for the insurance
    would you mind taking a [photo|picture] (of [this|the {thing}]); how about a [photo|picture]; it'd be nice to have a [photo|picture] of [this|the {thing}]; look at that {thing} get a [photo|picture]; capture the {thing}; [photo|picture] this
    get a snap of the {thing}; let me get a [photo|picture] of [this|the {thing}]; smile everyone take the [photo|picture]; hold on i'd like to take a [photo|picture]; shoot the {thing} with the camera; save what i see as a [photo|picture]
    immortalise this; keep a picture of [this|the {thing}]; take my [photo|picture]; take another [photo|picture]; one more [photo|picture]; fire the camera; take the shot; get the {thing} in a [photo|picture]; a [photo|picture] of the {thing} would be great; record a still [photo|picture]
""")
VIDEO_FOR: Final = _frames("""
    film the next {n} seconds; i'd like to film for {n} seconds; get {n} seconds of this on [video|film]; {n} seconds of [film|footage] (please); shoot {n} seconds; record what happens in the next {n} seconds; let the camera roll for {n} seconds
    make it a {n} second [video|clip]; capture {n} seconds (of [this|that]); video for {n} seconds (please); take a {n} seconds [video|clip]; do a {n} second [video|clip]; i need {n} seconds of [video|footage]; film me for {n} seconds please; roll for {n} seconds
    a short [video|clip] of {n} seconds; could we have {n} seconds on video; this is funny record {n} seconds of it; record it for {n} seconds then stop; stop recording after {n} seconds; recording {n} seconds; film that {n} seconds long; video {n} seconds
    {n} seconds filming please; the length is {n} seconds record a video; hit record for {n} seconds; would you mind filming {n} seconds; let's do a {n} second clip; keep the camera running for {n} seconds
""")
VIDEO: Final = _frames("""
    get this on [video|film|tape]; hit record; press record; roll; action; camera rolling please; this is [amazing|funny|great] film it; i'd love to have this on video; let's film [this|it]; let's make a [video|movie]; start rolling; keep filming
    my [kid|daughter|son|dog] is doing something funny record it; [tape|film] [this|that]; take a clip; shoot a [clip|video|movie] (of [this|that]); make a movie; i need this on video; vid please; do a video; could we film this; capture a [clip|video]
    capture this on video; would you mind recording [this|it]; please film what happens; can we get [this|that] on video; i want to film [this|that|my kids]; record what i see; record what's going on; i should be filming this; begin to film; begin the video
    go ahead and film; turn on the video recording; video recording please; video on; let the camera run; start to record; make record; start capturing video; it's happening film it now; catch this on film; i want it in motion not a photo film it; moving picture please; shoot some footage
""")
REMEMBER_THIS: Final = _frames("""
    i'll need [this|that|what it says] later keep it; hold on to [this|that|what it says] (for me); this is important remember it; i want to have [this|that] in your memory; put [this|that|the sign] in your memory; i will forget [this|that] remember it (for me)
    memorise [this|that|the sign|the text]; please keep [this|that] in mind; store [the text|the sign|what's written there]; bear [this|that] in mind; commit [this|that] to memory; don't lose [this|that]; learn [this|that] by heart; keep hold of what it says; you remember [this|that] for me okay
""")
REMEMBER: Final = _frames("""
    bear in mind that {what}; commit to memory that {what}; memorise (that) {what}; make sure (that) i remember [that|to] {what}; make sure i don't forget [that|to] {what}; i keep forgetting [that|to] {what}; i mustn't forget [that|to] {what}
    help me remember [that|to] {what}; remind me please [that|to] {what}; (i want you to) remember this {what}; keep this in mind {what}; for the record {what}; just so you know {what}; just so i don't forget {what}; before i forget {what}; save (in your memory) (that) {what}
    i need you to [remember|keep in mind] that {what}; my memory is so bad please remember that {what}; could you keep in your head that {what}; store for me (that) {what}; store this {what}; put in your memory that {what}; it is important to remember that {what}
    you must remember (that) {what}; i'd like you to remember that {what}; would you mind remembering that {what}; i want to be reminded [that|to] {what}; give me a reminder [that|to] {what}; set a reminder [that|to] {what}; reminder {what}; a reminder to {what}
    keep for later that {what}; learn that {what}; know that {what}; i'm telling you this so you remember {what}; please memorize {what}; hold on to this {what}; let me not forget [that|to] {what}; don't you forget that {what}; i have to remember {what}; remember for me that {what}; remember i said {what}
""")
RECALL: Final = _frames("""
    what did i want you to remember about {what}; remind me about {what}; refresh my memory (about|on) {what}; i told you something about {what}; i forgot what i said about {what}; what was that (thing) about {what}; do we have anything on {what}; anything (stored) about {what}
    what's in your memory about {what}; i can't remember what i told you about {what}; have i told you (anything|something) about {what}; have i said anything about {what}; look up {what} in [your|my] memory; check [your|my] memory for {what}; what have i told you about {what}
    what have you [saved|stored|kept] about {what}; bring back what i said about {what}; go through your memory for {what}; i mentioned {what}; what did i mention about {what}; what was the deal with {what}; what did i say regarding {what}; what did i tell you regarding {what}
    tell me what i said about {what}; tell me what you remember about {what}; can you recall {what}; you should remember something about {what}; wasn't there something about {what}; didn't i tell you something about {what}; what i have told you about {what}; what i said about {what}
    could you remind me what i told you about {what}; give me what you have on {what}; what did you keep in mind about {what}; what did i ask you to keep in mind about {what}; search [your|my] memory for {what}; what was i saying about {what}; i once told you about {what}
""")
TIMER: Final = _frames("""
    give me {span} (on the clock); put {span} on the clock; i've got {span} time me; my [eggs|noodles|cookies] need {span}; the [pasta|rice|tea|pizza] takes {span} (tell me when it's done); [pasta|rice|tea|pizza] {span} timer; boil for {span} and let me know; i want to nap for {span}
    [beep|buzz|ring|shout|chime] (at me) [in|after] {span}; [beep|buzz|ring] when {span} are [over|up|gone]; a countdown of {span}; countdown {span}; countdown from {span}; start the clock for {span}; start the countdown {span}; set the clock for {span}; set the timer [at|on|for|to] {span}
    i want a timer of {span}; i'd like a timer for {span}; could i have a timer for {span}; i have {span} let me know when they're up; {span} from now let me know; {span} from now give me a sign; i need to stop in {span}; get me out of here in {span} ring then; make it {span} on the timer
    give me a shout in {span}; give me a signal after {span}; don't let me sleep longer than {span}; wake me up after {span} please; tell me when it has been {span}; tell me as soon as {span} are over; {span} please and then ring; {span} please start counting; let it run {span} the timer
    timing {span}; make a timer {span}; do a timer for {span}; timer on {span}; would you mind timing {span}; please count {span}; count from {span} to zero; i must leave in {span} warn me; take the time {span}; the laundry needs {span} let me know; break of {span} tell me when it ends
    i'll take a break of {span} (tell me when it's over); keep an eye on the clock for {span}; watch the time for me {span}; run the timer for {span}; set alarm in {span}; timer {span} go; and {span} starting now; clock {span}; let's do {span} on the timer
""")
LEVEL: Final = _frames("""
    i'd like the {name} at {n} (percent); i'd like {n} percent {name}; bring (the) {name} [up|down] to {n} (percent); let's have the {name} at {n}; let's have {n} percent {name}; take the {name} to {n} (percent); get (the) {name} at {n} (percent); {name} of {n} (percent); adjust the {name} to {n} (percent)
    {name} should be {n} (percent); {name} shall be at {n}; i need {n} percent {name}; could i have the {name} at {n} please; the {name} please to {n}; move the {name} to {n}; the {name} make it {n}; {name} level {n}; {n} on the {name}; {n} for the {name}; would you put the {name} on {n}; have the {name} at {n}
    turn {name} to {n} percent please; fix the {name} at {n}; go to {n} percent {name}; go to {n} with the {name}; {name} exactly {n}; put {name} to {n}; set it to {n} percent the {name}; {name} number {n}; what about {n} percent {name}; let the {name} be {n}
""")
LOUDER: Final = _frames("""
    i didn't catch that you're too quiet; i'm a bit deaf you know; it's so noisy here i can't hear you; i can't understand you you're too quiet; [can't|cannot] hear a [thing|word]; crank it up; crank up the [volume|sound]; bump the volume (up); bump it up; give me more [sound|volume]
    raise your voice; say it louder; you're whispering; don't whisper; your voice is too [quiet|low|soft]; the [sound|volume] is too [low|quiet]; i want it louder; i need it louder; could it be louder; a notch louder; one notch up with the volume; volume one up; higher volume; volume higher
    up with the [sound|volume]; my hearing aid is out speak up; the street is so loud speak up; the train is loud i don't hear you; i am not hearing you; could you raise your voice; talk louder; speak louder; turn yourself up; boost the [volume|sound]; more sound; put the sound higher; it's too quiet; way too quiet
    you need to be louder; make you louder please; volume plus; louder i'm [old|outside]; pump it up; turn up; turn it up {why}; speak up {why}; let me hear you better; i'd hear you better if you were louder; what did you say it's too quiet
""")
QUIETER: Final = _frames("""
    my ears (hurt); you're [shouting|yelling|screaming] (at me); stop [shouting|yelling]; don't shout (at me); no need to shout; pipe down; tone it down; tone down the volume; you'll wake the baby be quieter; everyone can hear you; people can hear you lower your voice; lower your voice (please)
    speak [softly|quietly|lower]; talk more quietly; be a bit quieter; keep your voice down; i want it quieter; could it be quieter; a notch [lower|quieter]; bring the [sound|volume] down; reduce the [volume|sound]; the [sound|volume] is too [high|loud]; your voice is too loud; you are hurting my ears
    volume lower; lower volume; volume one down; volume minus; down with the [sound|volume]; less sound; less loud please; way too loud; it is very loud make it less; make it softer; soften your voice; whisper; can you whisper; turn yourself down; put the sound lower; take the volume down a bit
    a little less noise please; that's deafening; not that loud {why}; quieter {why}; speak lower {why}; turn the volume down {why}; you're too loud for this place; you are disturbing people; cut the volume a bit; decrease the sound
""")
MUTE: Final = _frames("""
    hush; shush; be quiet; zip it; not a sound (please); no sound at all; kill the audio; cut the [sound|audio]; i don't want to hear anything; don't make a sound; stop talking {why}; say nothing {why}; be silent {why}; mute yourself {why}; mute please {why}; silence please {why}; go quiet {why}
    put it on mute; put yourself on mute; put on silent; silent mode (please); turn off the [sound|audio|speaker]; the sound off please; switch the [audio|sound] off; i need silence; i want silence; i need you to be silent; sound away; take the sound off; without sound please; no audio; no noise from you
    turn your voice off; shut the sound off; shut off the sound; would you be quiet {why}; make no noise {why}; i'm in a meeting mute; the movie starts mute it; mute everything; full mute; mute on; mute now; set to mute; volume on mute; volume mute
""")
BRIGHTER: Final = _frames("""
    i can barely [see|read] the [screen|display]; the sun is so strong i can't see the [screen|display]; in this sunlight i see nothing on the [screen|display]; i can't make out what's on the [screen|display]; i can hardly make out the [screen|display]; the [screen|display] is hard to [see|read]
    crank up the brightness; bump up the brightness; bump the brightness; more light on the screen; give me more brightness; give me a brighter [screen|display|picture]; i want it brighter; i need it brighter; could it be brighter; could the [screen|display] be brighter; a notch brighter; one step brighter
    too dark; it's too dark to read the [screen|display]; it's too [dark|dim]; way too [dark|dim]; the image is too dark; the display is very dim for my old eyes; my eyes are bad make it brighter; light up the [screen|display]; lighten the [screen|display]; lighten it up; brighten the [screen|display|picture] (please)
    brighten it; brighten up; brightness higher; higher brightness; brightness plus; up with the brightness; put the brightness higher; the display should be brighter; make the screen more bright; more bright please; i'm outside make the display brighter; it's sunny make it brighter; boost the brightness
    the screen looks so dark; everything on the display looks dark; raise the screen brightness; turn the screen brighter; turn the display up; screen up; display brighter; let it shine brighter; it isn't bright enough; not bright enough; the display isn't bright enough
""")
DARKER: Final = _frames("""
    it's (way|far|much) too bright (in here|for me|at night); my eyes [hurt|burn] it's so bright; the [screen|display] hurts my eyes; the [screen|display] blinds me; i'm blinded; you're blinding me; i'm getting a headache from the bright [screen|display]; this is blinding; it dazzles me; the [screen|display] is dazzling
    too bright; way too bright; so bright make it less; tone down the [brightness|screen|display]; bring the brightness down; take the brightness down a bit; less brightness; less light (on|from) the [display|screen]; not so bright (please); not that bright; could it be [darker|dimmer|less bright]; could the [screen|display] be dimmer
    i want it [darker|dimmer]; i need it dimmer; a notch [darker|dimmer]; one step darker; reduce the [screen|display] brightness; decrease the brightness; drop the brightness; cut the brightness; brightness lower; lower brightness; brightness minus; down with the brightness; put the brightness lower; darken the [screen|display|picture]
    darken it (a bit); dim it; dim the glasses; dimmer please; dim down; dim the picture; softer light on the display; it glares; the glare of the display is too much; it's night make it darker; i'm in a cinema make the display darker; it's dark outside dim the display; turn the display down; screen down; display darker
    make the screen less bright; the image is too bright; save my eyes make it darker; easier on the eyes please dim it; the display should be darker; turn down the display; turn down the light of the screen
""")
NAVIGATE_THERE: Final = _frames("""
    i want to go there; let's go there; i need to get there; can you take me there; lead me there; get me there; go there; route [there|to this address]; walk me there; can you guide me to [this|that] [place|address]; how do we get there; directions there please; where do i have to go to get there
    show me how to get [there|to this place]; i have to be at [this|that] address how do i get there; start navigation to [this|that] [place|address]; bring us there; which way is it to [this|that] [place|address]; i'd like to visit [this|that] place take me there; way to [this|that] [place|address] please
""")
NAVIGATE: Final = _frames("""
    i have to be at {place} how do i get there; i'm supposed to be at {place} show me the way; i'm lost how do i get to {place}; i'm looking for {place} can you take me there; i need {place} where do i have to go; {place} how do i get there; {place} which way is it; {place} take me there; to {place} please
    get me to {place}; get us to {place}; could you get me to {place}; steer me to {place}; point me to {place}; direct me towards {place}; point me in the direction of {place}; which direction is {place}; which way do i go to {place}; which way to {place}; what way is {place}; which road leads to {place}
    how do i find {place}; how do you get to {place} from here; how to get to {place}; how to go to {place}; how i get to {place}; how i can go to {place}; how would i get to {place}; can i walk to {place} from here show me; is there a way to {place}; i gotta get to {place}; i wanna go to {place}; i'd like to go to {place}
    we want to go to {place}; we need to get to {place}; we're heading to {place}; i'm heading to {place}; i'm on my way to {place} guide me; i'm late i must get to {place}; my friend waits at {place} bring me there; my next stop is {place}; next destination {place}; destination {place}; set the destination to {place}; set a course for {place}
    plot a route to {place}; plan a route to {place}; calculate the way to {place}; give me the route to {place}; give me directions to {place}; i need directions to {place}; could i have directions to {place}; help me get to {place}; help me find {place}; help me find my way to {place}; help me to reach {place}; lead the way to {place}
    take us to {place}; take me over to {place}; take me back to {place}; bring us to {place}; bring me back to {place}; guide us to {place}; walk us to {place}; go to {place}; navigate me to {place}; navigation {place}; start the navigation to {place}; navigate us to {place} please; show us the way to {place}; show me how i get to {place}
    show me how to walk to {place}; would you show me the way to {place}; what's the quickest way to {place}; what's the shortest way to {place}; fastest route to {place}; best way to {place}; the way to {place}; tell me how to get to {place}; tell me how to reach {place}; where do i go for {place}; where must i go to reach {place}; i don't know the way to {place}
""")
CALL_NUMBER: Final = _frames("""
    dial it; call it; ring them (up); give them a [call|ring|bell]; give [this|that] number a [call|ring]; get them on the [phone|line]; i want to phone them; i need to call [this|that] number; can we call them; try [this|that] number; make a call to [this|that|the] number; phone them (up); put me through to [this|that] number
    ring the number (on the sign|there); call the phone number (there|on it|you see); let me talk to them; i'd like to speak to them; use [this|that] number and call; place a call to [this|that] number; call up [this|that] number; [this|that] number please call it
""")
CALL: Final = _frames("""
    get me {who} on the [line|phone]; get {who} on the [line|phone] for me; get {who} on the horn; get hold of {who}; get me through to {who}; get in touch with {who} by phone; give {who} a [bell|buzz|ring|call] (please|now|for me); ring up {who}; ring {who} up; call up {who}; call {who} up; call {who} [now|for me|on the phone]; phone up {who}
    could i [speak|talk] to {who}; can i [speak|talk] [to|with] {who}; may i speak to {who}; i need to [speak|talk] [to|with] {who}; i gotta [call|talk to] {who}; i wanna [call|talk to|speak to] {who}; i must [call|phone|speak to] {who}; i have to [ring|phone|speak with] {who}; i'd like to [call|phone|ring|speak with|have a word with] {who}
    i should [call|ring] {who}; let's [call|phone|ring] {who}; let us call {who}; we should call {who}; we need to call {who}; make a phone call to {who}; do a call to {who}; start calling {who}; start a call to {who}; place a call to {who} please; try calling {who}; try to reach {who} on the phone; try to call {who}; reach {who} by phone
    connect me to {who} please; connect us with {who}; connect {who}; put {who} on the [line|phone]; put {who} on please; patch me through to {who}; link me to {who} by phone; {who} on the phone please; a call to {who} please; phone call to {who}; phone call {who}; voice call {who}; a call with {who}; telephone {who}
    please telephone {who}; make call to {who}; make me a call with {who}; dial up {who}; dial the number of {who}; dial {who} for me; call my contact {who}; call the number of {who}; it's urgent call {who}; quick call {who}; i'm worried call {who}; i miss my family call {who}; i'm late i have to call {who}; there's been an accident call {who}
    would you mind calling {who}; would you be so kind to call {who}; can we call {who}; can we get {who} on the line; is {who} reachable call and see; see if {who} picks up; see if you can get {who} on the phone; i want {who} on the phone; i want to hear the voice of {who} call now; {who} is waiting for my call please dial; talk to {who} on the phone
""")
MESSAGE_THIS: Final = _frames("""
    share [this|that|what it says] with {who}; {who} should [see|read|know] [this|that|what it says]; let {who} know what [it|the sign] says; tell {who} what [it|the sign] says; pass [this|that|the text] on to {who}; write {who} what it says; send what [it|the sign] says to {who}; send the text to {who}; text [this|that] to {who}
    shoot [this|that] over to {who}; i want to send [this|that] to {who}; can you send [this|that|the text] to {who}; message {who} what it says; let {who} have [this|the text] as a message; {who} needs [this|that] send it please
""")
MESSAGE: Final = _frames("""
    let {who} know that {text}; can you let {who} know that {text}; make sure {who} knows that {text}; inform {who} that {text}; tell {who} from me that {text}; tell {who} for me that {text}; tell {who} the following {text}; {who} should know that {text}; {who} needs to know that {text}; {who} must know that {text}; i want {who} to know that {text}
    shoot {who} a [text|message] (saying) {text}; drop {who} a line (saying|that) {text}; send {who} a [quick|short] [text|message] (saying|that) {text}; send [text|message] to {who} saying {text}; send word to {who} that {text}; send off a message to {who} saying {text}; send a [text|message|whatsapp|sms] to {who} that {text}; send an sms to {who} saying {text}
    ping {who} that {text}; ping {who} saying {text}; whatsapp {who} that {text}; sms to {who} saying {text}; message for {who} {text}; a message for {who} saying {text}; message {who} saying {text}; message {who} the words {text}; text {who} saying {text}; text {who} the following {text}; text {who} and say {text}; text {who} to say {text}; write {who} saying {text}
    write to {who} and say that {text}; write a [text|message] to {who} that {text}; write {who} a [text|message] that says {text}; compose a message to {who} saying {text}; type a message to {who} saying {text}; leave a message for {who} saying {text}; leave {who} a message that {text}; give {who} the message that {text}; get a message to {who} that {text}
    pass on to {who} that {text}; pass the word to {who} that {text}; relay to {who} that {text}; report to {who} that {text}; answer {who} that {text}; answer to {who} saying {text}; reply to {who} saying {text}; reply to {who} with {text}; respond to {who} with {text}; respond to {who} that {text}; write back to {who} that {text}; text back to {who} that {text}
    i want to [tell|text|message] {who} that {text}; i'd like to tell {who} that {text}; i need to [tell|text|message] {who} that {text}; i have to tell {who} that {text}; i wanna text {who} that {text}; could you text {who} for me and say {text}; would you please tell {who} that {text}; would you mind telling {who} that {text}; please let {who} know {text}; please inform {who} that {text}
    say to {who} {text}; say {text} to {who}; send {text} to {who}; send the words {text} to {who}; send the message {text} to {who}; text {text} to {who}; message {text} to {who}; write {text} to {who}; write the message {text} to {who}; i want to send {text} to {who}; could you send {text} to {who}; {text} send that to {who}; {text} tell that to {who}; {text} please send this to {who}
    tell to {who} that {text}; tell {who} that {text} please; text {who} that {text} okay; let {who} know that {text} thanks; ask {who} {text}; to {who} {text} send it; new message to {who} {text}; new text to {who} saying {text}; message to {who} saying {text}; message to {who} text {text}; i'm late so tell {who} that {text}; i can't type now tell {who} that {text}
""")
TRANSLATE_TO: Final = _frames("""
    what's [this|that|it] in {language}; what would [this|that|the sign] be in {language}; how would [this|that|it] be in {language}; i'd like [this|that|the sign] in {language}; could i have [this|that|the text] in {language}; make it {language}; make [this|that] {language} please; {language} please; [this|the sign] in {language} please; and in {language}
    how do you say [this|that] in {language}; how do they say [this|that] in {language}; tell me what [this|it|the sign] says in {language}; what [it|the sign] says in {language} please; turn [this|it|the text] into {language}; put [this|that|the sign] into {language}; my friend only speaks {language} translate [this|the sign]; do [this|that] in {language}
    i only understand {language} translate [this|the sign]; convert [this|the text] to {language}; a {language} translation of [this|that|the sign]; [this|that] to {language}; [this|the text] translate to {language}; render [this|that] in {language}; would you translate [this|the sign] to {language}; let me have [this|that] in {language}
    i need the {language} version of [this|that|the sign]; show me [this|the sign] in {language}; give me the {language} of [this|that]; from this to {language}; translation to {language} please; translate to {language}; into {language} please; what's the {language} for [this|that]; what does [this|the sign] mean in {language}
""")
TRANSLATE_THIS: Final = _frames("""
    i don't [understand|speak] [this|that] language translate [it|this]; i can't [read|understand] [this|that|the sign] because it's foreign translate it; what does [this|that|it] mean in my language; what's [this|that|the sign] in my language; put [this|that|it] in my language; tell me [this|that] in my language; [this|that] in my language please; translate
    could you translate [this|that] for me; i'd like [this|that|the sign] translated; can i have [this|that|the sign] translated; get [this|that|the text] translated; give me a translation; i need this translated; what language is it translate; do a translation of [this|that]; translation of what it says; it's foreign to me translate; please translate
    make [this|that] understandable translate it; would you mind translating [this|that|the sign]; start translating [this|that|the sign]; translate what's written [there|here]; translate [that|the] text for me; translate [this|that] sign for me please
""")
TRANSLATE: Final = _frames("""
    how would i say {text} in {language}; how would you say {text} in {language}; how to say {text} in {language}; how can i say {text} in {language}; how do they say {text} in {language}; how do people say {text} in {language}; how you say {text} in {language}; how does one say {text} in {language}; how do i tell someone {text} in {language}; how do i ask {text} in {language}
    what's the word for {text} in {language}; what do you call {text} in {language}; what is the {language} for {text}; what's {language} for {text}; what's the {language} translation of {text}; what does {text} sound like in {language}; what would {text} be in {language}; what will be {text} in {language}; what means {text} in {language}; {text} what's that in {language}
    {text} how do you say that in {language}; {text} how is that in {language}; {text} translate that to {language}; {text} translated to {language}; {text} into {language} please; {text} to {language} please; say in {language} {text}; tell me in {language} {text}; in {language} how do you say {text}; in {language} what's {text}; translate to {language} {text}; translate into {language} {text}; to {language} translate {text}
    give me {text} in {language}; give me the {language} for {text}; give me the {language} word for {text}; the {language} translation of {text}; the {language} expression for {text}; the {language} phrase for {text}; translation of {text} into {language}; translation of {text} in {language} please; i need the {language} word for {text}; i need {text} in {language}; i want {text} in {language}; i'd like to say {text} in {language}
    i'd like to know {text} in {language}; i have to say {text} in {language}; i must tell them {text} in {language}; teach me {text} in {language}; teach me how to say {text} in {language}; help me say {text} in {language}; let me know how to say {text} in {language}; can you say {text} in {language} for me; can you tell me {text} in {language}; could you translate {text} to {language} for me; could you put {text} into {language}
    would you translate {text} into {language} please; please translate {text} to {language}; please say {text} in {language}; put {text} in {language}; turn {text} into {language}; convert {text} to {language}; render {text} in {language}; pronounce {text} in {language}; speak {text} in {language}; translate the words {text} to {language}; translate the phrase {text} into {language}; translate the sentence {text} to {language}; translate {text} for me to {language}
""")
NOTE_THE: Final = _frames("""
    get the {name} down; get down the {name}; i want to write down the {name}; i'd like the {name} in my notes; make a quick note of the {name}; take a note of the {name}; keep the {name} in a note; add the {name} to my notes; could you jot down the {name}; put down the {name}; the {name} write it down; the {name} in my notes please
    note [this|that] {name} (for me); write [this|that] {name} down; write the {name} down (please); copy the {name} into my notes; scribble down the {name}; new note with the {name}; create a note with the {name}; would you note the {name}; i need to note the {name}; jot the {name} down
""")
NOTE_THIS: Final = _frames("""
    jot [this|that|it] down; put [this|that] down (in writing); get [this|that] down; copy [this|that|the text] into my notes; i want [this|that] in my notes; i'd like to note [this|that]; take [this|that] down; scribble [this|that] down; new note with what it says; write [this|that] in my notes; write what it says into my notes
    keep [this|that|the text] in a note; keep a note of [this|that]; note [that|it] please; note the [text|sign]; add the [sign|text] to my notes; add what it says to my notes; would you write [this|that] down; could you jot [this|that] down for me; please write down the [text|sign]; create a note (from|of) [this|that]
""")
NOTE: Final = _frames("""
    jot down (that) {text}; jot this down {text}; jot down for me {text}; can you jot down {text}; put this down {text}; put down (that) {text}; put down in writing {text}; get this down {text}; get this in writing {text}; take this down {text}; take down (that) {text}; take down a note {text}; scribble down {text}; scribble {text}; i'd like to note (that) {text}
    i want to note (that) {text}; i need to note (that) {text}; i need to write down {text}; i have to write down {text}; i want to write down {text}; i want to jot down {text}; i wanna make a note {text}; i'd like to make a note {text}; i'd like to make a note that {text}; let me make a note {text}; let me note {text}; let me write down {text}; let's note that {text}; let's write down {text}
    write in my notes (that) {text}; write into my notes {text}; write a note that {text}; write a note saying {text}; write me a note {text}; write this {text}; write this in my notes {text}; write for me {text}; write the following {text}; write {text} in my notes; write {text} into the notes; write {text} down; put {text} in my notes; put {text} into my notes please; put a note {text}
    add {text} to my notes; add {text} to the notes please; add to the notes {text}; add the note {text}; add this to my notes {text}; save {text} in my notes; save a note {text}; save a note saying {text}; save a note that {text}; store a note saying {text}; keep a note that {text}; keep a note saying {text}; create a note {text}; create a note that says {text}; create a new note {text}
    start a new note {text}; open a note and write {text}; make me a note {text}; make a quick note {text}; make a note saying {text}; make a note for me that {text}; make note that {text}; make note {text}; my note is {text}; my note says {text}; a note please {text}; a new note {text}; another note {text}; one more note {text}; next note {text}; note this {text}; note the following {text}
    note this down {text}; note it down {text}; note for me please that {text}; note for myself {text}; note to myself {text}; note {text} please; for my notes {text}; in my notes {text}; to my notes {text}; for the notes {text}; here's a note {text}; please write down that {text}; please take a note that {text}; please note down that {text}; would you write down that {text}; could you note down for me {text}
""")
IMPOSSIBLE: Final = _frames("""
    get me [an uber|a pizza|a refund]; pour me a [drink|coffee]; fix my [bike|computer|{thing}]; charge my [phone|car]; tidy my [room|desk]; hold my {thing}; pick up the kids from school; feed the [cat|dog]; walk the dog; iron my shirt; do the dishes; cook [dinner|{food}]; make me [{food}|breakfast]
    put {thing} in my [cart|basket]; renew my [passport|subscription]; apply for a [visa|loan]; file my taxes; sign this [contract|document] for me; find my [phone|keys] by ringing; call me a lift to the tenth floor; press the button for me; turn the page; carry my bag; open this jar
    buy me a ticket to {town}; book me into a hotel in {town}; get me two seats for {town}; check in for my flight; order me a cab to {town}; stream this to my followers; go live on instagram; like this post; follow {name} on instagram; unfriend {name}; accept the friend request
    skip this song; pause the music; put on some [jazz|rock|classical music]; play my podcast; turn the radio on; change the channel; start the vacuum (cleaner); close the [blinds|curtains|garage]; preheat the oven; switch the fan on; warm up the car; i'm cold turn the heating up; it's stuffy open a window
    start tracking my sleep; measure how tall i am; what's my pulse; weigh this; take my temperature; record my heartbeat; scan the barcode; translate my dog; shut down; reboot; install the update; factory reset; turn on flight mode; pair my headphones; connect the headphones; switch to dark mode; make the text bigger
    zoom out; rotate the picture; crop it; delete the video; undo (that); copy and paste; empty the trash; mark it as read; archive the mail; set my status to busy; mute the group chat; leave the meeting; join the call on zoom; share my screen; show the next slide; vote for {name}; bet on {name}
""")
INVENTED: Final = {
    "flashlight": _frames("""
        {v} with the [torch|flashlight]; [torch|flashlight] to {v}; i want the [torch|flashlight] {v}; the [torch|flashlight] should be {v}; put the [torch|flashlight] {v}; i need the [torch|flashlight] {v} please; could the [torch|flashlight] go {v}; my [torch|flashlight] {v}; the light on the glasses {v} please
    """),
    "music": _frames("""
        i feel like [hearing|listening to] {v}; let's hear {v}; let me listen to {v}; could we have {v} on; play me {v}; i'm in the mood for {v}; start {v} on the speakers; let's dance to {v}; music please {v}; i could do with {v}; throw on {v}
    """),
    "weather": _frames("""
        do i need an umbrella in {v}; is it cold in {v}; is it sunny in {v}; how warm is it in {v}; forecast for {v}; what's it like outside in {v}; should i take a coat to {v}; i'm flying to {v} what will the sky be like; what should i wear in {v}; does it snow in {v}; temperature in {v}
    """),
    "alarm": _frames("""
        get me up at {v}; i have to get up at {v}; i need to be up at {v}; don't let me sleep past {v}; make sure i'm awake at {v}; i want to wake up at {v}; morning alarm {v} o'clock; ring at {v} so i get up; i must be out of bed at {v}
    """),
    "order_coffee": _frames("""
        one {v} coffee please; i could do with a {v} coffee; a {v} one from the coffee machine; i'm so tired get me a {v} coffee; {v} coffee; brew a {v} coffee; i need caffeine a {v} one; let the machine make a {v} cup; i'd kill for a {v} coffee
    """),
    "heating": _frames("""
        i'm cold make it {v}; it's freezing put the room at {v}; warm it up to {v}; {v} degrees in here please; thermostat to {v}; i'd like the room {v} degrees warm; get the radiators to {v}; the room temperature should be {v}; {v} degrees for the room
    """),
    "unlock": _frames("""
        let me into the {v}; i want to get into the {v}; open up the {v}; i lost my key to the {v} open it; release the lock of the {v}; the {v} is locked open it; get the {v} unlocked; undo the lock on the {v}
    """),
    "find_phone": _frames("""
        where's my phone; i can't find my phone; i lost my phone somewhere in here; let my phone make a noise; i mislaid my mobile; my mobile is gone make it ring; where did i leave my mobile; ring my mobile; my phone must be under the couch make it ring
    """),
    "screenshot": _frames("""
        save what's on the display; capture the display; keep what the display shows; grab the display; save this display; screen capture please; i want a copy of the display; screen grab; store what's shown on the display right now
    """),
}
"""Of tools that are trained on: those that are held out stay as they are."""
