using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session branches</c>.</summary>
internal static class BranchesCommand
{
    private const int DefaultTips = 5;

    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var tips = new Option<int>("--tips") { Description = "How many tips of each to show, 0 to 100; 5 if not given.", DefaultValueFactory = _ => DefaultTips };
        return new Command("branches", "Show the branches of a session.").Takes(session, tips).Does(surroundings, async (call, cancellationToken) =>
        {
            var answer = await call.Http.GetAsync(
                new Query(Query.Session(call.Get(session), "/branches")).With("tips", call.Get(tips)), ShapesJson.Default.BranchesShape, cancellationToken);
            call.Show(answer, branches =>
            {
                var columns = new Columns("BRANCH", ">COUNT", ">HEAD", ">CURRENT", "TIPS");
                foreach (var branch in branches.Items)
                {
                    columns.Add(branch.Branch, Said.Number(branch.Count), Say(branch.Head), Say(branch.Current), Say(branch));
                }

                columns.WriteTo(call.Screen);
            });
        });
    }

    private static string Say(PointerShape? pointer) => pointer is null ? "-" : $"#{pointer.Sequence}";

    private static string Say(BranchShape branch)
    {
        var shown = branch.Tips ?? [];
        var rest = (branch.TipCount ?? 0) - shown.Count;
        return string.Join(" ", shown.Select(tip => $"#{tip.Sequence}")) + (rest > 0 && shown.Count > 0 ? $" and {rest} more" : "");
    }
}
