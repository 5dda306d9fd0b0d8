"""What Annie says in Spanish (usted)."""

from typing import Final

from annie.agent.phrases.sentences import Sentences

SPANISH: Final = Sentences(
    greeting="Hola, gracias por llamar a {name}. Le atiende Annie. ¿En qué puedo ayudarle?",
    greeting_nameless="Hola, gracias por llamar. Le atiende Annie. ¿En qué puedo ayudarle?",
    closed_greeting=(
        "Hola, gracias por llamar a {name}. Le atiende Annie. En este momento está cerrado, "
        "pero puedo responder a sus preguntas o tomar un mensaje. ¿En qué puedo ayudarle?"
    ),
    closed_greeting_nameless=(
        "Hola, gracias por llamar. Le atiende Annie. En este momento está cerrado, "
        "pero puedo responder a sus preguntas o tomar un mensaje. ¿En qué puedo ayudarle?"
    ),
    closed_now=(
        "En este momento está cerrado, pero puedo responder a sus preguntas o tomar un mensaje."
    ),
    farewell=(
        "Gracias por llamar. Hasta luego.",
        "Gracias por su llamada. Que tenga un buen día. Hasta luego.",
    ),
    you_are_welcome=("De nada.", "Con mucho gusto."),
    anything_else=("¿Puedo ayudarle en algo más?", "¿Necesita alguna otra cosa?"),
    how_can_i_help=("¿En qué puedo ayudarle?", "Por supuesto. ¿Qué desea saber?"),
    identity="Soy Annie, la asistente virtual de {name}. ¿En qué puedo ayudarle?",
    identity_nameless="Soy Annie, una asistente virtual. ¿En qué puedo ayudarle?",
    help=(
        "Puedo responder a preguntas sobre nuestros servicios, el horario y la dirección, "
        "o tomar un mensaje."
    ),
    unclear=(
        "Disculpe, no le he entendido. ¿Puede repetirlo, por favor?",
        "Disculpe, sigo sin entenderle. ¿Puede decirlo con otras palabras?",
    ),
    unclear_offer=(
        "Disculpe, me cuesta entenderle. ¿Desea dejar un mensaje para nuestro personal?"
    ),
    unknown=(
        "Lo siento, eso no lo sé. ¿Desea dejar un mensaje para que le devolvamos la llamada?",
        "Lamento no tener esa información. ¿Quiere que tome un mensaje para nuestro personal?",
    ),
    unknown_again=(
        "Lo siento, eso tampoco lo sé. ¿Quiere que tome un mensaje para nuestro personal?"
    ),
    unknown_other="Sobre la otra pregunta, lo siento, no lo sé.",
    offer_message="¿Desea dejar un mensaje para nuestro personal?",
    corrected=("Disculpe, le entendí mal.", "Le pido disculpas."),
    rephrase=(
        "Disculpe, le entendí mal. ¿Puede preguntarlo con otras palabras, por favor?",
        "Le pido disculpas. ¿Puede decirme otra vez qué desea saber?",
    ),
    no_transfer=(
        "Lo siento, no puedo pasarle con nadie, pero puedo tomar un mensaje para que le "
        "devuelvan la llamada. ¿Le parece bien?"
    ),
    hold_on="Por supuesto, tómese su tiempo.",
    back_again="Gracias por esperar.",
    go_on="¿En qué puedo ayudarle?",
    check_in=("¿Sigue usted ahí?", "¿Hola? No le oigo. ¿Sigue en la línea?"),
    silence_end=(
        "No le oigo, así que voy a terminar la llamada. Puede volver a llamar cuando quiera. "
        "Hasta luego."
    ),
    number_without_bot=(
        "Gracias por llamar a {name}. Este número todavía no está en servicio. "
        "Por favor, inténtelo más tarde. Hasta luego."
    ),
    number_without_bot_nameless=(
        "Gracias por llamar. Este número todavía no está en servicio. "
        "Por favor, inténtelo más tarde. Hasta luego."
    ),
    ask_name="Con mucho gusto tomo su mensaje. ¿Cómo se llama usted?",
    ask_name_again=(
        "Disculpe, no he entendido su nombre. ¿Puede repetirlo, por favor?",
        "Disculpe, ¿puede deletrearme su nombre, por favor?",
    ),
    ask_number="Gracias, {name}. ¿A qué número podemos llamarle?",
    ask_number_nameless="¿A qué número podemos llamarle?",
    offer_own_number=(
        "Gracias, {name}. ¿Le llamamos al número desde el que llama, que termina en {ending}?"
    ),
    offer_own_number_nameless=(
        "¿Le llamamos al número desde el que llama, que termina en {ending}?"
    ),
    ask_other_number="¿A qué número debemos llamarle, por favor?",
    number_missing="Por ahora tengo {digits}. Faltan {missing} cifras. ¿Cómo sigue?",
    number_missing_one="Por ahora tengo {digits}. Falta una cifra. ¿Cuál es la última?",
    number_invalid=(
        "Disculpe, no he entendido el número. ¿Puede repetirlo cifra por cifra?",
        "Disculpe, sigo sin tenerlo. También puede marcarlo con el teclado de su teléfono.",
    ),
    no_number="De acuerdo, lo dejamos sin número.",
    confirm_number="Tengo el {number}. ¿Es correcto?",
    confirm_number_again="¿Es correcto el número {number}?",
    correct_number="Disculpe. ¿Cuál es el número correcto?",
    ask_content="Gracias. ¿Cuál es su mensaje?",
    ask_content_again="Disculpe, no le he entendido. ¿Qué desea que le diga a nuestro personal?",
    summary="Entonces, el mensaje de {sender} es: {content}",
    summary_nameless="Entonces, el mensaje es: {content}",
    summary_question="¿Lo transmito así?",
    what_to_change="¿Qué debo cambiar: el nombre, el número o el mensaje?",
    subject_unsaid="(La persona colgó antes de decir el motivo.)",
    stored="Gracias, he transmitido su mensaje.",
    not_stored="Lo siento, no he podido guardar su mensaje. ¿Lo intento otra vez?",
    message_cancelled="De acuerdo, entonces sin mensaje.",
    address="Nuestra dirección es {address}.",
    address_unknown="Lo siento, no tengo nuestra dirección.",
    phone="Nuestro número de teléfono es el {number}.",
    phone_unknown="Lo siento, no tengo un número de teléfono para darle.",
    hours_unknown="Lo siento, no tengo nuestro horario.",
    hours_of_day="{day} abrimos de {hours}.",
    hours_of_day_unknown="No conozco nuestro horario para {day}.",
    closed_on_day="{day} está cerrado.",
    today="hoy",
    tomorrow="mañana",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    on_weekdays=(
        "el lunes", "el martes", "el miércoles", "el jueves", "el viernes", "el sábado",
        "el domingo",
    ),
    coming_weekdays=(
        "el lunes", "el martes", "el miércoles", "el jueves", "el viernes", "el sábado",
        "el domingo",
    ),
    through="de {first} a {last}",
    hours_range="{opens} a {closes}",
    open_around_the_clock="0:00 a 24:00",
    week="Abrimos {parts}.",
    week_part="{days} de {hours}",
    open_now="Sí, ahora está abierto.",
    open_now_until="Sí, ahora está abierto, hasta las {closes}.",
    closed_now_opens_today="No, en este momento está cerrado. Abrimos hoy a las {opens}.",
    closed_now_opens_tomorrow="No, en este momento está cerrado. Abrimos mañana a las {opens}.",
    closed_now_opens_on="No, en este momento está cerrado. Abrimos {day} a las {opens}.",
    closed_now_unknown="No, en este momento está cerrado.",
    special_day="Lo siento, no conozco el horario de los días festivos ni de fechas concretas.",
    and_word="y",
)  # fmt: skip
