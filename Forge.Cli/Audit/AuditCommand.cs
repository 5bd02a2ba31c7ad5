using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;
using Spectre.Console.Rendering;

namespace Forge.Cli.Audit;

/// <summary><c>forge audit</c>.</summary>
internal static class AuditCommand
{
    private const int DefaultLimit = 50;
    private const int PageSize = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Make(Surroundings surroundings)
    {
        var after = new Option<long?>("--after") { Description = "Only entries behind this position; from the oldest that is kept if not given." };
        var limit = new Option<long?>("--limit", "-n") { Description = "How many to show at the most; 50 if not given, and with --follow all that come." };
        var all = Names.Flag("--all", "Show all there are.");
        var follow = Names.Flag("--follow", "Go on with what comes in, until the command is stopped.");
        return new Command("audit", "Show what was done to keys, sessions and the tenant, and what was refused, the oldest first. Takes a key with the scope admin.")
            .Takes(after, limit, all, follow)
            .Does(surroundings, (call, cancellationToken) =>
            {
                var most = call.Get(limit) ?? (call.Get(all) || call.Get(follow) ? long.MaxValue : DefaultLimit);
                var behind = call.Get(after) ?? 0;
                return call.Get(follow) ? FollowAsync(call, behind, most, cancellationToken) : ListAsync(call, behind, most, cancellationToken);
            });
    }

    private static async Task ListAsync(Call call, long after, long most, CancellationToken cancellationToken)
    {
        var columns = new Columns(">#", "AT", "OUTCOME", "ACT", "WHO", "TARGET", "DETAIL");
        var (shown, last) = (0L, after);
        await foreach (var (entry, json) in PagesAsync(call, after, most, cancellationToken))
        {
            (shown, last) = (shown + 1, entry.Position);
            if (call.Json)
            {
                call.Screen.Json(json.GetRawText());
            }
            else
            {
                columns.Add(
                    Said.Number(entry.Position), Said.Time(entry.At), entry.Outcome, entry.Act, OrDash(entry.Who), OrDash(entry.Target), OrDash(entry.Detail));
            }

            if (shown == most)
            {
                break;
            }
        }

        columns.WriteTo(call.Screen);
        if (shown == 0 && !call.Json)
        {
            call.Screen.Note("There is no such entry.");
        }
        else if (shown == most)
        {
            call.Screen.Flush();
            call.Screen.Note($"There may be more: --all, or --after {Said.Number(last)}");
        }
    }

    private static async Task FollowAsync(Call call, long after, long most, CancellationToken cancellationToken)
    {
        var (isBegun, isAway) = (false, false);
        while (most > 0)
        {
            try
            {
                await foreach (var (entry, json) in PagesAsync(call, after, most, cancellationToken))
                {
                    Write(call, entry, json);
                    after = entry.Position;
                    if (--most == 0)
                    {
                        return;
                    }
                }

                if (isAway)
                {
                    call.Screen.Note("The silo is back.");
                }

                (isBegun, isAway) = (true, false);
            }
            catch (CliException exception) when (isBegun && exception.Code == ExitCode.Unavailable)
            {
                // Who was never there is not waited for.
                if (!isAway)
                {
                    call.Screen.Note($"The silo went away ({exception.Message}); waiting for it.");
                }

                isAway = true;
            }

            await Task.Delay(Pause, call.Surroundings.Time, cancellationToken);
        }
    }

    /// <summary>The entries behind a position, to the newest that there is. More than are wanted may come.</summary>
    private static async IAsyncEnumerable<(AuditEntryShape Entry, JsonElement Json)> PagesAsync(
        Call call, long after, long most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await call.Http.GetAsync(
                new Query("v1/audit").With("after", after).With("limit", Math.Min(most, PageSize)), ShapesJson.Default.AuditPageShape, cancellationToken);
            foreach (var (entry, json) in page.Value.Items.Zip(page.Json.GetProperty("items").EnumerateArray()))
            {
                yield return (entry, json);
            }

            // A silo may have less than that on a page; where there is no more, one is empty.
            if (page.Value.Items.Count == 0 || page.Value.Next <= after)
            {
                yield break;
            }

            after = page.Value.Next;
        }
    }

    private static void Write(Call call, AuditEntryShape entry, JsonElement json)
    {
        if (call.Json)
        {
            call.Screen.Json(json.GetRawText());
        }
        else
        {
            call.Screen.Line(
            [
                new Segment($"{Said.Time(entry.At)} {entry.Position} ", Styles.Dim),
                new Segment($"{Harmless.Line(entry.Outcome)} ", entry.Outcome == "done" ? Styles.Plain : Styles.Warning),
                new Segment($"{Harmless.Line(entry.Act)} ", Styles.Name),
                new Segment($"by {Harmless.Line(OrDash(entry.Who))}{Part(" of ", entry.Target)}{Part(": ", entry.Detail)}"),
            ]);
        }

        call.Screen.Flush();
    }

    private static string OrDash(string? text) => string.IsNullOrEmpty(text) ? "-" : text;

    private static string Part(string before, string? text) => string.IsNullOrEmpty(text) ? "" : before + Harmless.Line(text);
}
