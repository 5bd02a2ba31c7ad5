using Forge.History.Rows;
using Forge.Schedules;

namespace Forge.Grains.Sessions;

/// <summary>Does what a session's schedule asks for: tells its observers first, and then takes note of it by a change of the session.</summary>
internal static class SessionReminder
{
    private const int MostRounds = 3;

    /// <summary>Does what is due, and says when there is something to do next, by the clock of due work; null for never.</summary>
    public static async Task<DateTimeOffset?> RunAsync(LiveSession session)
    {
        var (told, by) = ((OpenState?)null, 0);
        for (var round = 0; round < MostRounds; round++)
        {
            var step = await StepAsync(session, told, by);
            if (step.ToTell is not { } open)
            {
                return step.Again is { } again ? session.WorkTime + (again - session.Now) : null;
            }

            // Told before it is written down: what dies between tells once more, and says of nobody that it was told who was not.
            (told, by) = (open, await session.Observers.TellAsync(ToStateDue(session, open)));
        }

        return session.WorkTime;
    }

    /// <summary>Tells an observer that came late of what is due, if it does not know.</summary>
    public static async Task TellAsync(LiveSession session, IAgentObserver observer)
    {
        if (session.Engine.ToldState(session.Now) is not { } open)
        {
            return;
        }

        // What it took, and nobody could write down, is written down when it asks again.
        var due = ToStateDue(session, open);
        if ((session.Observers.WasTold(observer, due) || await session.Observers.TellAsync(observer, due)) && open.Told == 0)
        {
            await StepAsync(session, open, by: 1);
        }
    }

    private static Task<Reminded> StepAsync(LiveSession session, OpenState? told, int by) => ChangeRunner.RunAsync(
        session,
        exclusive: false,
        RequestMemory.Of(session.Address, new Remind(), default),
        _ => Task.FromResult(default(Recalled<Reminded>)),
        _ =>
        {
            var decision = session.Engine.Remind(session.Now, told, by, out var toTell, out var again);
            return Task.FromResult(new Step<Reminded>(decision, () => new Reminded(toTell, again)));
        },
        Authority.AboveClaims);

    private static StateDue ToStateDue(LiveSession session, OpenState open) => new()
    {
        Tenant = session.Address.Tenant,
        Session = session.Address.Session,
        Trigger = open.Trigger,
        Since = open.Since,
        AnswerBy = open.AnswerBy!.Value,
        LastSequence = open.After,
    };

    /// <param name="ToTell">What observers are to be told of first; null for nothing.</param>
    /// <param name="Again">When to ask again; null for never.</param>
    private readonly record struct Reminded(OpenState? ToTell, DateTimeOffset? Again);
}
