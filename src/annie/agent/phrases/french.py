"""What Annie says in French (vous)."""

from typing import Final

from annie.agent.phrases.sentences import Sentences

FRENCH: Final = Sentences(
    greeting="Bonjour, merci d'appeler {name}. Annie à l'appareil. Comment puis-je vous aider ?",
    greeting_nameless=(
        "Bonjour, merci de votre appel. Annie à l'appareil. Comment puis-je vous aider ?"
    ),
    closed_greeting=(
        "Bonjour, merci d'appeler {name}. Annie à l'appareil. Nous sommes fermés en ce moment, "
        "mais je peux répondre à vos questions ou prendre un message. Comment puis-je vous aider ?"
    ),
    closed_greeting_nameless=(
        "Bonjour, merci de votre appel. Annie à l'appareil. Nous sommes fermés en ce moment, "
        "mais je peux répondre à vos questions ou prendre un message. Comment puis-je vous aider ?"
    ),
    closed_now=(
        "Nous sommes fermés en ce moment, mais je peux répondre à vos questions "
        "ou prendre un message."
    ),
    farewell=(
        "Merci de votre appel. Au revoir.",
        "Merci de votre appel, et bonne journée. Au revoir.",
    ),
    you_are_welcome=("Je vous en prie.", "Avec plaisir."),
    anything_else=("Puis-je vous aider pour autre chose ?", "Avez-vous une autre question ?"),
    how_can_i_help=("Comment puis-je vous aider ?", "Bien sûr. Que souhaitez-vous savoir ?"),
    identity="Je suis Annie, l'assistante virtuelle de {name}. Comment puis-je vous aider ?",
    identity_nameless="Je suis Annie, une assistante virtuelle. Comment puis-je vous aider ?",
    help=(
        "Je peux répondre à des questions sur nos services, nos horaires et notre adresse, "
        "ou prendre un message."
    ),
    unclear=(
        "Excusez-moi, je n'ai pas compris. Pouvez-vous répéter, s'il vous plaît ?",
        "Excusez-moi, je n'ai toujours pas compris. Pouvez-vous le dire autrement ?",
    ),
    unclear_offer=(
        "Excusez-moi, j'ai du mal à vous comprendre. "
        "Souhaitez-vous laisser un message à notre équipe ?"
    ),
    unknown=(
        "Je suis désolée, je ne le sais pas. Souhaitez-vous laisser un message "
        "pour qu'on vous rappelle ?",
        "Je regrette, je n'ai pas cette information. Voulez-vous que je prenne un message "
        "pour notre équipe ?",
    ),
    unknown_again=(
        "Je suis désolée, je ne le sais pas non plus. Voulez-vous que je prenne un message "
        "pour notre équipe ?"
    ),
    unknown_other="Pour l'autre question, je suis désolée, je ne sais pas.",
    offer_message="Souhaitez-vous laisser un message à notre équipe ?",
    corrected=("Excusez-moi, j'avais mal compris.", "Je vous prie de m'excuser."),
    rephrase=(
        "Excusez-moi, j'avais mal compris. Pouvez-vous poser la question autrement, "
        "s'il vous plaît ?",
        "Je vous prie de m'excuser. Pouvez-vous me redire ce que vous souhaitez savoir ?",
    ),
    no_transfer=(
        "Je suis désolée, je ne peux pas vous passer quelqu'un, mais je peux prendre un message "
        "pour qu'on vous rappelle. Cela vous convient-il ?"
    ),
    hold_on="Bien sûr, prenez votre temps.",
    back_again="Merci d'avoir patienté.",
    go_on="Que puis-je faire pour vous ?",
    check_in=(
        "Êtes-vous toujours là ?",
        "Allô ? Je ne vous entends pas. Êtes-vous toujours en ligne ?",
    ),
    silence_end=(
        "Je ne vous entends pas, je vais donc mettre fin à l'appel. "
        "N'hésitez pas à rappeler. Au revoir."
    ),
    number_without_bot=(
        "Merci d'appeler {name}. Ce numéro n'est pas encore en service. "
        "Veuillez réessayer plus tard. Au revoir."
    ),
    number_without_bot_nameless=(
        "Merci de votre appel. Ce numéro n'est pas encore en service. "
        "Veuillez réessayer plus tard. Au revoir."
    ),
    ask_name="Je prends volontiers votre message. Quel est votre nom, s'il vous plaît ?",
    ask_name_again=(
        "Excusez-moi, je n'ai pas compris votre nom. Pouvez-vous le répéter, s'il vous plaît ?",
        "Excusez-moi, pouvez-vous épeler votre nom, s'il vous plaît ?",
    ),
    ask_number="Merci, {name}. À quel numéro pouvons-nous vous rappeler ?",
    ask_number_nameless="À quel numéro pouvons-nous vous rappeler ?",
    offer_own_number=(
        "Merci, {name}. Devons-nous vous rappeler au numéro d'où vous appelez, "
        "qui se termine par {ending} ?"
    ),
    offer_own_number_nameless=(
        "Devons-nous vous rappeler au numéro d'où vous appelez, qui se termine par {ending} ?"
    ),
    ask_other_number="À quel numéro devons-nous vous rappeler, s'il vous plaît ?",
    number_missing=(
        "J'ai {digits} pour l'instant. Il manque {missing} chiffres. Quelle est la suite ?"
    ),
    number_missing_one="J'ai {digits} pour l'instant. Il manque un chiffre. Quel est le dernier ?",
    number_invalid=(
        "Excusez-moi, je n'ai pas compris le numéro. Pouvez-vous le répéter chiffre par chiffre ?",
        "Excusez-moi, je ne l'ai toujours pas. "
        "Vous pouvez aussi le taper sur le clavier de votre téléphone.",
    ),
    no_number="D'accord, nous nous passerons de numéro.",
    confirm_number="J'ai le {number}. Est-ce exact ?",
    confirm_number_again="Le numéro {number} est-il exact ?",
    correct_number="Excusez-moi. Quel est le bon numéro ?",
    ask_content="Merci. Quel est votre message ?",
    ask_content_again="Excusez-moi, je n'ai pas compris. Que dois-je dire à notre équipe ?",
    summary="Le message de {sender} est donc : {content}",
    summary_nameless="Le message est donc : {content}",
    summary_question="Dois-je le transmettre ainsi ?",
    what_to_change="Que dois-je changer : le nom, le numéro ou le message ?",
    subject_unsaid="(La personne a raccroché avant de dire de quoi il s'agit.)",
    stored="Merci, j'ai transmis votre message.",
    not_stored="Je suis désolée, je n'ai pas pu enregistrer votre message. Dois-je réessayer ?",
    message_cancelled="Très bien, pas de message alors.",
    address="Notre adresse est {address}.",
    address_unknown="Je suis désolée, je n'ai pas notre adresse.",
    phone="Notre numéro de téléphone est le {number}.",
    phone_unknown="Je suis désolée, je n'ai pas de numéro de téléphone à vous donner.",
    hours_unknown="Je suis désolée, je n'ai pas nos horaires.",
    hours_of_day="{day}, nous sommes ouverts de {hours}.",
    hours_of_day_unknown="Je ne connais pas nos horaires pour {day}.",
    closed_on_day="{day}, nous sommes fermés.",
    today="aujourd'hui",
    tomorrow="demain",
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    on_weekdays=(
        "le lundi", "le mardi", "le mercredi", "le jeudi", "le vendredi", "le samedi",
        "le dimanche",
    ),
    coming_weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    through="du {first} au {last}",
    hours_range="{opens} à {closes}",
    open_around_the_clock="0 h à 24 h",
    week="Nous sommes ouverts {parts}.",
    week_part="{days} de {hours}",
    open_now="Oui, nous sommes ouverts en ce moment.",
    open_now_until="Oui, nous sommes ouverts en ce moment, jusqu'à {closes}.",
    closed_now_opens_today=(
        "Non, nous sommes fermés en ce moment. Nous ouvrons aujourd'hui à {opens}."
    ),
    closed_now_opens_tomorrow=(
        "Non, nous sommes fermés en ce moment. Nous ouvrons demain à {opens}."
    ),
    closed_now_opens_on="Non, nous sommes fermés en ce moment. Nous ouvrons {day} à {opens}.",
    closed_now_unknown="Non, nous sommes fermés en ce moment.",
    special_day=(
        "Je suis désolée, je ne connais pas nos horaires pour les jours fériés "
        "ni pour des dates particulières."
    ),
    and_word="et",
)  # fmt: skip
