using Forge.Checkpoints;
using Forge.Schedules;

namespace Forge.Silo.Events;

/// <summary>A state of a session that is due.</summary>
/// <param name="Session">The session.</param>
/// <param name="Trigger">Why.</param>
/// <param name="Since">Since when.</param>
/// <param name="AnswerBy">When it is recorded as missed, if no checkpoint was created.</param>
/// <param name="LastSequence">The greatest sequence given out when it came due; 0 for none.</param>
internal sealed record StateDueAnswer(string Session, string Trigger, DateTime Since, DateTime AnswerBy, long LastSequence)
{
    public static StateDueAnswer Of(StateDue due) => new(
        due.Session.Value, due.Trigger.ToName(), due.Since.UtcDateTime, due.AnswerBy.UtcDateTime, due.LastSequence);
}
