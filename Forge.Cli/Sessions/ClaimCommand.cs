using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session claim</c>.</summary>
internal static class ClaimCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var owner = Names.Text("--owner", "Claim the session under this name, and take it from whoever has it.");
        var lease = Names.Text("--lease", "For how long, as 5m or PT5M; until it is released if not given.");
        var ifFree = Names.Flag("--if-free", "Claim it only if nobody has it, or the lease of who has it ran out.");
        var renew = Names.Flag("--renew", "Let the lease of the claim of --epoch begin anew.");
        var release = Names.Flag("--release", "Give the session free that the claim of --epoch has.");
        var change = new ChangeOptions();
        return new Command("claim", "Show who has a session, claim it, renew or release the claim.")
            .Takes(session, owner, lease, ifFree, renew, release, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var path = Query.Session(call.Get(session), "/claim");
                if (call.Get(owner) is null && (call.Get(ifFree) || (call.Has(lease) && !call.Get(renew))))
                {
                    throw new CliException(ExitCode.Usage, "--if-free and --lease are of a claim.", "Say who claims it with --owner.");
                }

                switch (call.Get(owner), call.Get(renew), call.Get(release))
                {
                    case (null, false, false):
                        call.Show(await call.Http.GetAsync(path, ShapesJson.Default.ClaimShape, cancellationToken), claim => call.Screen.Line(Say(claim)));
                        break;
                    case ({ } name, false, false):
                        await ClaimAsync(call, path, name, Moment.ParseSpan("--lease", call.Get(lease)), call.Get(ifFree), change.Of(call), cancellationToken);
                        break;
                    case (null, true, false):
                        var until = Moment.ParseSpan("--lease", call.Get(lease)) ?? throw new CliException(ExitCode.Usage, "--renew wants a --lease.");
                        call.Show(
                            await call.Http.SendAsync(
                                HttpMethod.Put, path, Body.Object(writer => writer.WriteString("lease", until)), Held(change.Of(call)), ShapesJson.Default.ClaimShape,
                                cancellationToken),
                            claim => call.Screen.Line(Say(claim)));
                        break;
                    case (null, false, true):
                        await call.Http.SendAsync(HttpMethod.Delete, path, null, Held(change.Of(call)), ShapesJson.Default.NothingShape, cancellationToken);
                        SayReleased(call);
                        break;
                    default:
                        throw new CliException(ExitCode.Usage, "Give one of --owner, --renew and --release, or none to see who has it.");
                }
            });
    }

    /// <summary>A claim in words.</summary>
    internal static string Say(ClaimShape? claim) => claim switch
    {
        null or { Epoch: 0 } => "never claimed",
        { Owner: null } => $"nobody has it; the newest claim was of epoch {claim.Epoch}",
        _ => $"{Harmless.Line(claim.Owner)} has it, epoch {claim.Epoch}, {(claim.Until is { } until ? $"until {Said.Time(until)}" : "until it is released")}",
    };

    private static async Task ClaimAsync(
        Call call, string path, string owner, string? lease, bool ifFree, Change change, CancellationToken cancellationToken)
    {
        var body = Body.Object(writer =>
        {
            writer.WriteString("owner", owner);
            writer.Optional("lease", lease);
            writer.Flag("ifFree", ifFree);
        });
        call.Show(
            await call.Http.SendAsync(HttpMethod.Post, path, body, change with { Epoch = null }, ShapesJson.Default.ClaimShape, cancellationToken),
            claim => call.Screen.Line(Say(claim)));
    }

    private static Change Held(Change change) => change.Epoch is null
        ? throw new CliException(ExitCode.Usage, "--renew and --release want the --epoch of the claim.", "The answer to the claim told it; `forge session claim SESSION` shows the newest.")
        : change;

    private static void SayReleased(Call call)
    {
        if (call.Json)
        {
            call.Screen.Json("{\"released\":true}");
        }
        else
        {
            call.Screen.Line("Released; nobody has it now.");
        }
    }
}
