"""What can go wrong while learning, each with a code and facts; the words for people are written by the caller."""

from __future__ import annotations


class LearningError(Exception):
    """A reason why a model could not be made or used."""

    code = "learning_error"
    sentence = "The model could not be made."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """One English sentence for a log."""
        return self.sentence.format(**self.facts)


class TooLittleData(LearningError):
    code = "too_little_data"
    sentence = "There are {found} usable examples; at least {needed} are needed."


class SameAnswers(LearningError):
    code = "same_answers"
    sentence = "All {count} examples have the same answer, so there is nothing to learn."


class OneLabel(LearningError):
    code = "one_label"
    sentence = "All {count} texts have the label {label!r}, so there is nothing to tell apart."


class NoWords(LearningError):
    code = "no_words"
    sentence = "None of the {count} examples has an answer with words in it."


class NotANumber(LearningError):
    code = "not_a_number"
    sentence = "The loss stopped being a number at step {step} with learning rate {learning_rate}."


class OutOfMemory(LearningError):
    code = "out_of_memory"
    sentence = "Memory ran out even with {tokens} tokens a step."


class BrokenModel(LearningError):
    code = "broken_model"
    sentence = "The model folder is damaged: {file} is missing or is not what was saved."


class MissingBase(LearningError):
    code = "missing_base"
    sentence = "There is no base model in {path}."


class MissingDevice(LearningError):
    code = "missing_device"
    sentence = "ATELIER_DEVICE={device}, but there is no such card here. Use cpu, or leave it empty."


class WrongBase(LearningError):
    code = "wrong_base"
    sentence = "The model was trained on {expected}, but {found} was given."


class TooFewPeople(LearningError):
    code = "too_few_people"
    sentence = "Only {found} people chose something on two occasions or more; at least {needed} are needed."


class TooFewItems(LearningError):
    code = "too_few_items"
    sentence = "There are {found} different items; at least {needed} are needed."


class NobodyKnown(LearningError):
    code = "nobody_known"
    sentence = "None of the {people} people of the test stands in the data that is learned from."
