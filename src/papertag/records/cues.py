"""Cues: the words by which the rules of linking tell what a sentence is about."""

import re

OPENS = re.compile(
    r"^[\s\"'”’*`}\])]*(?:s\b)?\s*(?:\(|\[|:|,|at|with|of|—|–|\||&|-)\s*"
    r"(?:(?:with|at|of|has|only|about|around|roughly|some|size:?|a)\s+)*[~≈*]{0,2}$",
    re.I,
)
HAS = re.compile(
    r"^[\s\"'”’*`}\])]*\s*(?:\([^()]*\)\s*)?(?:itself\s+|alone\s+)?"
    r"(?:has|have|had|with|counts?|comprises|contains?|consists of|holds?|totals?|"
    r"is|was)"
    r"\b[^.;:]{0,60}$",
    re.I,
)
AND = re.compile(r"\W*(?:\([^()]*\))?\W*(?:and|or|,|/|&)?\W*")
CLAUSE = re.compile(
    r";|\bwhile\b|\bwhereas\b|\bcompared (?:to|with)\b|\bagainst\b|\bthan\b|\bunlike\b|"
    r"\bin contrast\b|\bbut\b",
    re.I,
)
INFERENCE = re.compile(
    r"\b(?:inference|latenc|fps|frames per second|tokens? per second|tok/s|"
    r"real[- ]time|"
    r"decod(?:es|ing) runs|serv(?:ed|es|ing)|deploy|runs? (?:at|on)|fits?\b|prefill|"
    r"first audio|quantis|quantiz|converted|ms\b|milliseconds|throughput of|"
    r"evaluat(?:ed|ion) (?:on|ran)|without a graphics card|in practice|needs? \d+ GB|"
    r"perplexity|portable|laptop|installed|loaded|\d-bit|will do|phones?|"
    r"\d (?:s|sec|seconds) (?:are|is|on|per)\b|takes \d+ (?:s|seconds)\b|still run)",
    re.I,
)
TRAINING = re.compile(
    r"\b(?:train|pre-?train|fine-?tun|distil|tuned|tuning|optimi[sz]ed|converge|"
    r"epochs?|"
    r"gpu[- ]hours|occupied|occupies|took|needed|lasted|comput|experiment|"
    r"implemented|hardware|gpus?:|devices?:|cluster|supercomputer|node|bf16|fp16|"
    r"nvlink|batch size|gradient checkpointing)\w*",
    re.I,
)
TRAINED = re.compile(
    r"\b(?:re)?(?:train|pre-?train|fine-?tun|distil|tuned|tuning)\w*", re.I
)
LATER_PHASE = re.compile(
    r"\b(?:fine-?tun|instruct|post-?train|dpo|sft|rlhf|annealing|second stage|"
    r"alignment|preference|smaller one|context extension|annealing)\w*",
    re.I,
)
ASIDE = re.compile(
    r"\b(?:ablation|exploratory|discarded|failed|proxy|proposal|each epoch|one epoch|"
    r"retrained|baseline|for comparison|we repeated|nightly|competitor|every|"
    r"per epoch|re-?implement)\w*",
    re.I,
)
OF_A_PART = re.compile(
    r"\b(?:encoder|decoder|connector|head|heads|adapter|embedding|tower|backbone|"
    r"module|modules|modul|teacher|autoencoder|vae|tokenizer|projector|proxy|student|"
    r"belong to|belongs to|add|adds|added|additional|further|fewer than|less than|"
    r"of them|ablations?|at three sizes|competitor|open models of|optimum|between)\b",
    re.I,
)
PART_BEHIND = re.compile(
    r"^\s*(?:parameters?|weights)?[^.;,]{0,12}\b(?:in|for|of|by|belong to) (?:the|"
    r"its|them) ?"
    r"(?:\w+ )?(?:encoder|decoder|head|embedding|adapter|connector|tower|projection)|"
    r"^\s*(?:U-Net|encoder|decoder|adapter|head|proxy)\b",
    re.I,
)
OURS = re.compile(r"\b(?:we|our|ours|us|this (?:model|network|work|system))\b", re.I)
SELF = re.compile(
    r"\b(?:(?:the|this|our|each|full|whole|entire|main|production|deployed|final|"
    r"proposed) (?:\w+ ){0,2}(?:models?|network|run|system|training|pre-?training|"
    r"procedure|architecture|encoder|weights|checkpoints?|release)|training|it|they|"
    r"both|"
    r"parameters?:?|params:?|size:?|pre-?training|all three|computations?|"
    r"experiments|weights|checkpoints)\b",
    re.I,
)
STARTS_WITH_SELF = re.compile(
    r"\W*(?:the|this|our|its) (?:\w+ ){0,2}?(?:model|network|system|encoder|run|"
    r"training|"
    r"pre-?training|architecture)\b|\W*(?:it|training|pre-?training|we)\b",
    re.I,
)
PLURAL = re.compile(
    r"\b(?:both|all (?:three|four|five|pre-?training|models|runs|checkpoints)|they|"
    r"(?:the|these|our) (?:\w+ )?(?:models|checkpoints|runs|weights|sizes)|"
    r"the checkpoints|main run|the jobs|the computations|each of)\b",
    re.I,
)
TOTAL = re.compile(
    r"\b(?:overall|in total|altogether|account for|including discarded|in all)\b", re.I
)
CELLS = re.compile(r"\||\s&\s|\t")
ROWS = 12  # of a table above a value in which its head is looked for
EACH = re.compile(r"\b(?:each|both|all)\b", re.I)
LARGE = re.compile(r"\b(?:large|larger|largest|big|bigger|full)\b", re.I)
SIZES = (
    r"(large|larger|largest|big|bigger|small|smaller|smallest|compact|little|lite|tiny|"
    r"base|medium)"
)
SIZED = re.compile(
    r"(?:\b(?:the|our|a|its) |(?:^|[,;] (?:and )?)(?=\w+ (?:for|in|ran|took|needed)\b))"
    rf"{SIZES}\b(?:\s+(?:one|model|variant|version|network|size))?",
    re.I,
)
FOR_SIZE = re.compile(rf"^[^.;,]{{0,22}}?\b(?:for|of|by|to) the {SIZES}\b", re.I)
NAME_OF_A_SIZE = re.compile(
    r"^[\s-]*(?:parameters?[\s-]+)?(?:models?|variants?|versions?|runs?|one|network|"
    r"configuration|students?|competitors?)\b",
    re.I,
)
MADE = re.compile(
    r"\b(?:develop|built|build|made|train|created|we are|our|compan|start-?up|lab|"
    r"laborator|team|institut|universit|department|group|authors?|researchers?|"
    r"programme|consortium|society|work was done|based in|site|center|centre|"
    r"cooperative|tuning|tuned|done in|cluster|supercomputer|system|released|"
    r"partner|published)\w*",
    re.I,
)
RELEASED = re.compile(
    r"\b(?:releas|publish|publicly|made public|available|came out|come out|appear|"
    r"launch|"
    r"announc|open|introduc|version|since|deposited|date|train|built|finished|weights)",
    re.I,
)
RELATED = re.compile(
    r"related work|background|previous work|prior work|literature|state of the art|"
    r"baselines|comparison",
    re.I,
)
THE = re.compile(r"\b(?:the|our|both|its)\s*$", re.I)
FUNDED = re.compile(r"\b(?:fund|support|grant|scholarship|donat)\w*", re.I)
