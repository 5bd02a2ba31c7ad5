using System.CommandLine;
using System.Text;
using Forge.Cli.Checkpoints;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session effects</c>.</summary>
internal static class EffectsCommand
{
    /// <summary>What is shown of an effect as it comes, if it is there.</summary>
    private static readonly string[] Details = ["request", "result", "resultBase64", "reason", "resolvedBy", "evidence"];

    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var key = new Argument<string?>("key") { Description = "An effect, to show all that is known of it or to resolve it.", Arity = ArgumentArity.ZeroOrOne };
        var status = Names.Text("--status", "Only those that stand so: running, completed, failed, unknown or retry.");
        var kind = Names.Text("--class", "Only those of this class: read, idempotent, write or token.");
        var resolve = Names.Text("--resolve", "Say what became of the effect: completed, failed or retry.");
        var by = Names.Text("--by", "Who says so; wanted by --resolve.");
        var why = Names.Text("--why", "Why; wanted by --resolve.");
        var run = new Option<long?>("--run") { Description = "The epoch of the run that it is about; the newest, as it is read first, if not given." };
        var result = Names.Text("--result", "With --resolve completed: the result as JSON, @FILE, or - for the standard input.");
        var list = new ListOptions();
        var change = new ChangeOptions();
        return new Command("effects", "List the effects of a session, show one, or say what became of it.")
            .Takes(session, key, status, kind, resolve, by, why, run, result, list.Limit, list.All, list.Cursor, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                if (call.Get(key) is not { } named)
                {
                    await ListAsync(call, list, call.Get(session), call.Get(status), call.Get(kind), cancellationToken);
                    return;
                }

                var path = Query.Session(call.Get(session), $"/effects/{Query.Segment(named)}");
                if (call.Get(resolve) is not { } verdict)
                {
                    Show(call, await call.Http.GetAsync(path, ShapesJson.Default.EffectShape, cancellationToken));
                    return;
                }

                if (call.Get(by) is not { } who || call.Get(why) is not { } reason)
                {
                    throw new CliException(ExitCode.Usage, "--resolve wants --by, who says so, and --why.");
                }

                var given = call.Get(result) is { } text ? await GivenBytes.ReadAsync(text, call.Surroundings, cancellationToken) : null;
                var epoch = call.Get(run) ?? (await call.Http.GetAsync(path, ShapesJson.Default.EffectShape, cancellationToken)).Value.Epoch;
                var body = Body.Object(writer =>
                {
                    writer.WriteNumber("epoch", epoch);
                    writer.WriteString("verdict", verdict);
                    writer.WriteString("by", who);
                    writer.WriteString("why", reason);
                    if (given is not null)
                    {
                        writer.WritePropertyName("result");
                        WriteJson(writer, given);
                    }
                });
                Show(call, await call.Http.SendAsync(HttpMethod.Post, path + "/resolve", body, change.Of(call), ShapesJson.Default.EffectShape, cancellationToken));
            });
    }

    private static Task ListAsync(Call call, ListOptions list, string session, string? status, string? kind, CancellationToken cancellationToken) => list.ShowAsync(
        call,
        () => new Query(Query.Session(session, "/effects")).With("status", status).With("class", kind),
        ShapesJson.Default.EffectShape,
        new Columns("KEY", "CLASS", "STATUS", ">RUN", "BEGUN", "UNTIL"),
        (columns, effect) => columns.Add(
            effect.Key, effect.Class, effect.Status, Said.Number(effect.Epoch), Said.Time(effect.BegunAt), Said.Time(effect.Until)),
        "There is no such effect.",
        cancellationToken);

    private static void Show(Call call, Answer<EffectShape> answer) => call.Show(answer, effect =>
    {
        var fields = new Fields()
            .Add("key", effect.Key)
            .Add("class", effect.Class)
            .Add("status", effect.Status)
            .Add("run", Said.Number(effect.Epoch))
            .Add("begun", Said.Time(effect.BegunAt))
            .Add("until", effect.Until is { } until ? Said.Time(until) : null)
            .Add("changed", Said.Time(effect.ChangedAt))
            .Add("target key", effect.TargetKey);
        foreach (var name in Details)
        {
            if (answer.Json.TryGetProperty(name, out var value) && value.ValueKind is not System.Text.Json.JsonValueKind.Null)
            {
                fields.Add(name, value.ValueKind == System.Text.Json.JsonValueKind.String ? value.GetString() : value.GetRawText());
            }
        }

        fields.WriteTo(call.Screen);
    });

    private static void WriteJson(System.Text.Json.Utf8JsonWriter writer, byte[] given)
    {
        try
        {
            GivenState.SeeThatItIsJson(given);
            writer.WriteRawValue(given, skipInputValidation: true);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or ArgumentException)
        {
            throw new CliException(ExitCode.Usage, $"The result is not JSON: {exception.Message}", $"Put a text into quotes: --result '\"{Encoding.UTF8.GetString(given).Trim()}\"'.", exception);
        }
    }
}
