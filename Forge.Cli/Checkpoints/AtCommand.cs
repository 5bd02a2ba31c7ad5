using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint at</c>.</summary>
internal static class AtCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var time = new Argument<string>("time") { Description = "A time as 2026-01-31T12:00:00Z, or how long ago as 15m, 2h or 3d." };
        var branch = Names.Branch("The branch; main if not given.");
        return new Command("at", "Show the checkpoint that was the newest at a time.")
            .Takes(session, time, branch)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var path = new Query(Query.Session(call.Get(session), "/at"))
                    .With("time", Moment.Parse("TIME", call.Get(time), call.Surroundings.Time)).With("branch", call.Get(branch));
                var answer = await call.Http.GetAsync(path, ShapesJson.Default.CheckpointShape, cancellationToken);
                call.Show(answer, found => CheckpointColumns.FieldsOf(found).WriteTo(call.Screen));
            });
    }
}
