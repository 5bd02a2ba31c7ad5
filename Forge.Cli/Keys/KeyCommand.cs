using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Keys;

/// <summary>The commands of keys.</summary>
internal static class KeyCommand
{
    public static Command Make(Surroundings surroundings) => new Command("key", "Keys of the tenant, by which callers are known.").Takes(
        MakeCreate(surroundings), MakeList(surroundings), MakeRevoke(surroundings));

    private static Command MakeCreate(Surroundings surroundings)
    {
        var name = new Argument<string>("name") { Description = "A name to know it by." };
        var scopes = Names.Many("--scope", "What it may do; may be given several times.", "-s");
        var ends = Names.Text("--ends", "When it ends, as a time, or in how long, as 90d; never if not given.");
        scopes.Required = true;
        return new Command("create", "Make a key. It is shown once, and cannot be read again.")
            .Takes(name, scopes, ends)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var until = Moment.ParseAhead("--ends", call.Get(ends), call.Surroundings.Time);
                var body = Body.Object(writer =>
                {
                    writer.WriteString("name", call.Get(name));
                    writer.Texts("scopes", call.Get(scopes)!);
                    writer.Optional("ends", until);
                });
                var answer = await call.Http.SendAsync(HttpMethod.Post, "v1/keys", body, null, ShapesJson.Default.KeyShape, cancellationToken);
                call.Show(answer, made =>
                {
                    call.Screen.Line(made.Key ?? "");
                    call.Screen.Flush();
                    call.Screen.Note($"Made key {Harmless.Line(made.Id)} ({Harmless.Line(made.Name)}). It is shown this once: keep it, as with `forge login --key @FILE`.");
                });
            });
    }

    private static Command MakeList(Surroundings surroundings)
    {
        var list = new ListOptions();
        return new Command("list", "List the keys, without the keys themselves.")
            .Takes(list.Limit, list.All, list.Cursor)
            .Does(surroundings, (call, cancellationToken) => list.ShowAsync(
                call,
                () => new Query("v1/keys"),
                ShapesJson.Default.KeyShape,
                new Columns("KEY", "CREATED", "ENDS", "SCOPES", "NAME"),
                (columns, key) => columns.Add(
                    key.Id, Said.Time(key.Created), key.Ends is { } ends ? Said.Time(ends) : "never", string.Join(", ", key.Scopes), key.Name),
                "There are no keys.",
                cancellationToken));
    }

    private static Command MakeRevoke(Surroundings surroundings)
    {
        var id = new Argument<string>("key") { Description = "The id of the key, as the list shows it." };
        var dryRun = Names.Flag("--dry-run", "Tell which key would go, as reads show it now, and change nothing.");
        return new Command("revoke", "End a key at once.")
            .Takes(id, dryRun)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                if (call.Get(dryRun))
                {
                    await TellAsync(call, call.Get(id), cancellationToken);
                    return;
                }

                await call.Http.SendAsync(
                    HttpMethod.Delete, $"v1/keys/{Query.Segment(call.Get(id))}", null, null, ShapesJson.Default.NothingShape, cancellationToken);
                if (call.Json)
                {
                    call.Screen.Json("{\"revoked\":true}");
                }
                else
                {
                    call.Screen.Line($"Revoked {Harmless.Line(call.Get(id))}.");
                }
            });
    }

    private static async Task TellAsync(Call call, string id, CancellationToken cancellationToken)
    {
        await foreach (var item in call.Http.ListAsync(
            (cursor, size) => new Query("v1/keys").With("limit", size).With("cursor", cursor), ShapesJson.Default.KeyShape, long.MaxValue, cancellationToken))
        {
            if (item.Value.Id == id)
            {
                if (call.Json)
                {
                    call.Screen.Json($"{{\"dryRun\":true,\"key\":{item.Json.GetRawText()}}}");
                }
                else
                {
                    call.Screen.Line($"Would revoke {Harmless.Line(id)} ({Harmless.Line(item.Value.Name)}: {Harmless.Line(string.Join(", ", item.Value.Scopes))}).");
                    call.Screen.Line("This is what reads show now; nothing was changed.");
                }

                return;
            }
        }

        throw new CliException(ExitCode.NotFound, $"There is no key '{id}'.", "`forge key list` shows which there are.");
    }
}
