using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Searching;

/// <summary><c>forge search</c>.</summary>
internal static class SearchCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var tag = Names.Text("--tag", "Only those with this tag.", "-t");
        var trigger = Names.Text("--trigger", "Only those with this trigger. A tag, or a trigger other than manual, must be given.");
        var from = Names.Text("--from", "Only those created at this time or later; a time, or how long ago as 2h.");
        var to = Names.Text("--to", "Only those created at this time or earlier.");
        var session = Names.Text("--session", "Only those of sessions whose names begin so.");
        var order = Names.Text("--order", "newest (the default) or oldest first.");
        var list = new ListOptions();
        return new Command("search", "Find checkpoints over all sessions of the tenant.")
            .Takes(tag, trigger, from, to, session, order, list.Limit, list.All, list.Cursor)
            .Does(surroundings, (call, cancellationToken) =>
            {
                var (since, until) = (Moment.Parse("--from", call.Get(from), call.Surroundings.Time), Moment.Parse("--to", call.Get(to), call.Surroundings.Time));
                return list.ShowAsync(
                    call,
                    () => new Query("v1/checkpoints").With("tag", call.Get(tag)).With("trigger", call.Get(trigger)).With("from", since).With("to", until)
                        .With("session", call.Get(session)).With("order", call.Get(order)),
                    ShapesJson.Default.FoundShape,
                    new Columns("SESSION", ">#", "CREATED", "TRIGGER", "TAGS", "MESSAGE"),
                    (columns, found) => columns.Add(
                        found.Session, Said.Number(found.Checkpoint.Sequence), Said.Time(found.Checkpoint.CreatedAt), found.Checkpoint.Trigger,
                        string.Join(", ", found.Checkpoint.Tags), found.Checkpoint.Message),
                    "There is no such checkpoint.",
                    cancellationToken,
                    Shell.Option("--from", since) + Shell.Option("--to", until));
            });
    }
}
