using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session list</c>.</summary>
internal static class SessionListCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var prefix = Names.Text("--prefix", "Only sessions whose names begin so.");
        var labels = Names.Many("--label", "Only sessions with this label, as name:value; may be given several times.");
        var after = Names.Text("--active-after", "Only sessions that were active then or later; a time, or how long ago as 2h.");
        var before = Names.Text("--active-before", "Only sessions that were active then or earlier, and not since.");
        var branch = Names.Branch("Only sessions that have a branch of this name.");
        var claim = Names.Text("--claim", "Only sessions that an owner of this name has claimed.");
        var order = Names.Text("--order", "name (the default) or activity, the newest first.");
        var list = new ListOptions();
        return new Command("list", "Find sessions.")
            .Takes(prefix, labels, after, before, branch, claim, order, list.Limit, list.All, list.Cursor)
            .Does(surroundings, (call, cancellationToken) =>
            {
                var since = Moment.Parse("--active-after", call.Get(after), call.Surroundings.Time);
                var until = Moment.Parse("--active-before", call.Get(before), call.Surroundings.Time);
                return list.ShowAsync(
                    call,
                    () => new Query("v1/sessions").With("prefix", call.Get(prefix)).With("label", call.Get(labels)!).With("activeAfter", since)
                        .With("activeBefore", until).With("branch", call.Get(branch)).With("claim", call.Get(claim)).With("order", call.Get(order)),
                    ShapesJson.Default.SessionShape,
                    new Columns("SESSION", "ACTIVE", ">COUNT", ">BYTES", ">HEAD", "CLAIM", "LABELS"),
                    (columns, session) => columns.Add(
                        session.Session, Said.Time(session.ActiveAt), Said.Number(session.Count), Said.Bytes(session.Bytes),
                        session.Head is { } head ? $"#{head.Sequence}" : "-", session.Claim?.Owner ?? "-",
                        string.Join(", ", session.Settings.Labels.Select(label => $"{label.Key}:{label.Value}"))),
                    "There is no such session.",
                    cancellationToken);
            });
    }
}
