"""How each kind of figure is read, for somebody who sees it for the first time."""

READING = {
    "losses": "How well models predict choices that they were not fitted to: lower is better, and ln 2 = 0.69 is "
    "chance between two actions. A grey line joins the networks of one subject; where it stops falling, "
    "further variables add nothing. Grey dots are hand-written models at their own number of variables; "
    "coloured lines are means. A model that is on the line of the networks predicts as well as networks "
    "of its size.",
    "dims": "d* is the number of variables that behaviour needs: the d beyond which prediction no longer "
    "improves. Four rules answer differently strictly (reference is the paper's). Few choices find too "
    "small a d*, so read it as at least; where rules disagree, the choices do not settle it.",
    "setpoints": "Where the preference goes if the same thing happens again and again: above 0 towards the first "
    "action. Delta-rule learners have setpoints near their scaled rewards; without a reward they lie near "
    "0, or beyond it where an omission counts against the action. A setpoint of the chosen action's sign "
    "after no reward means perseveration.",
    "indices": "Each strip has its own axis, from the lowest to the highest subject. A dot is a subject, the line "
    "the median. A subject at the end of a strip differs from the others in that; look at its own page.",
    "portrait": "How far one trial moves the preference (up), from where it was (across). A curve crosses 0 at its "
    "fixed point: filled circles attract, so that repeats of this trial end there. A straight line is a "
    "constant learning rate, its slope; a curve that bends is a rate that depends on the preference, as "
    "in Bayesian inference. Dashed: no trial was there.",
    "field": "The state has two variables; each arrow is one trial, ending at its dot. Arrows along one axis "
    "change that variable alone, as where each action has its own value. The darker the ground, the "
    "further a trial moves the state from there. Black: fixed points; orange: both actions alike.",
    "values": "Values are logits minus their mean over actions. An arrow begins at the value of the chosen action "
    "(across) and that of another one (up), and goes where a trial moves both, on average over the actions. "
    "Grey dots are trials; below the dashed line the chosen action is the better one. Arrows to the right: "
    "the choice becomes more likely. Since values are about their mean, others fall by half of that in a task "
    "of three actions; what they do beyond it is forgetting, or learning about actions not chosen.",
    "checks": "Dots are the subject, lines the model named above: along the subject's own choices (blue) and "
    "playing the task by itself (orange). A line outside the intervals is something that the model does not do as the "
    "subject does.",
    "evidence": "What the hand-written models assume, the best first. An interval right of 0 predicts surely worse "
    "and is ruled out (grey); blue ones remain, and the verdict is what they share. Networks (orange) "
    "left of 0 know something that no hand-written model does.",
}
