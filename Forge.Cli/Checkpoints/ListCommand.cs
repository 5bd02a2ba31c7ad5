using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint list</c>.</summary>
internal static class ListCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var branch = Names.Branch("Only those of this branch; those of all if not given.");
        var tag = Names.Text("--tag", "Only those with this tag.", "-t");
        var trigger = Names.Text("--trigger", "Only those with this trigger.");
        var from = Names.Text("--from", "Only those created at this time or later; a time, or how long ago as 2h.");
        var to = Names.Text("--to", "Only those created at this time or earlier.");
        var after = new Option<long?>("--after") { Description = "Only sequences above this one." };
        var before = new Option<long?>("--before") { Description = "Only sequences below this one." };
        var order = Names.Text("--order", "newest (the default) or oldest first.");
        var list = new ListOptions();
        return new Command("list", "List checkpoints, without their states.")
            .Takes(session, branch, tag, trigger, from, to, after, before, order, list.Limit, list.All, list.Cursor)
            .Does(surroundings, (call, cancellationToken) =>
            {
                // Times are told from now once, or a cursor would be of other conditions than the page that it is given for.
                var (since, until) = (Moment.Parse("--from", call.Get(from), call.Surroundings.Time), Moment.Parse("--to", call.Get(to), call.Surroundings.Time));
                return list.ShowAsync(
                    call,
                    () => new Query(Query.Session(call.Get(session), "/checkpoints"))
                        .With("branch", call.Get(branch)).With("tag", call.Get(tag)).With("trigger", call.Get(trigger)).With("from", since).With("to", until)
                        .With("after", call.Get(after)).With("before", call.Get(before)).With("order", call.Get(order)),
                    ShapesJson.Default.CheckpointShape,
                    CheckpointColumns.Make(),
                    CheckpointColumns.Add,
                    "There is no such checkpoint.",
                    cancellationToken,
                    Shell.Option("--from", since) + Shell.Option("--to", until));
            });
    }
}
