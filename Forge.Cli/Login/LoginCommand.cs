using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Profiles;
using Forge.Cli.Terminal;

namespace Forge.Cli.Login;

/// <summary><c>forge login</c>.</summary>
internal static class LoginCommand
{
    private const string DefaultName = "default";

    public static Command Make(Surroundings surroundings)
    {
        var list = Names.Flag("--list", "Show the profiles there are.");
        var remove = Names.Text("--remove", "Remove this profile.");
        var use = Names.Text("--use", "Make this profile the current one.");
        var noCheck = Names.Flag("--no-check", "Keep the profile without asking the silo.");
        var noKey = Names.Flag("--no-key", "The silo wants no key; do not ask for one.");
        return new Command("login", "Keep where a silo is, and a key for it, under a name (--profile; 'default' if not given).")
            .Takes(list, remove, use, noCheck, noKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var store = new ProfileStore(call.Surroundings);
                switch (call.Get(list), call.Get(remove), call.Get(use))
                {
                    case (true, null, null):
                        Show(call, store.Read());
                        break;
                    case (false, { } name, null):
                        Remove(call, store, name);
                        break;
                    case (false, null, { } name):
                        Use(call, store, name);
                        break;
                    case (false, null, null):
                        await KeepAsync(call, store, !call.Get(noCheck), !call.Get(noKey), cancellationToken);
                        break;
                    default:
                        throw new CliException(ExitCode.Usage, "Give one of --list, --remove and --use, or none to log in.");
                }
            });
    }

    private static async Task KeepAsync(Call call, ProfileStore store, bool check, bool wantsKey, CancellationToken cancellationToken)
    {
        var choice = GlobalOptions.ChoiceOf(call.Parsed);
        var document = store.Read();
        var name = choice.NamedProfile(call.Surroundings) ?? DefaultName;
        var url = ConnectionChoice.ParseUrl(
            choice.GivenUrl(call.Surroundings) ?? document.Profiles.GetValueOrDefault(name)?.Url ?? ConnectionChoice.DefaultUrl);
        var key = choice.Key is null && !wantsKey ? null : choice.GivenKey(call.Surroundings) ?? await AskAsync(call, cancellationToken);
        var profile = new Profile(url.ToString(), string.IsNullOrEmpty(key) ? null : key);
        if (check)
        {
            var connection = new Connection(url, profile.Key, choice.Patience);
            call.WarnOf(connection);
            await CheckAsync(call, connection, cancellationToken);
        }

        document.Profiles[name] = profile;
        store.Write(document with { Current = name });
        if (call.Json)
        {
            Show(call, name, profile, isCurrent: true);
            return;
        }

        call.Screen.Line($"Kept {Harmless.Line(profile.Url)} {(profile.Key is null ? "without a key" : "with its key")} as '{Harmless.Line(name)}', which is the current profile.");
    }

    private static async Task<string?> AskAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Surroundings.InputIsTerminal)
        {
            call.Screen.Note("Key (it is not shown; nothing for none):");
            return ConnectionChoice.Checked((await Task.Run(call.Surroundings.ReadSecret, cancellationToken).WaitAsync(cancellationToken) ?? "").Trim());
        }

        using var input = new StreamReader(call.Surroundings.Input, leaveOpen: true);
        return ConnectionChoice.Checked((await input.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) ?? "").Trim());
    }

    private static async Task CheckAsync(Call call, Connection connection, CancellationToken cancellationToken)
    {
        using var http = new ForgeHttp(connection, call.Surroundings);
        try
        {
            var who = (await http.GetAsync("v1/whoami", ShapesJson.Default.WhoShape, cancellationToken)).Value;
            call.Screen.Note($"The silo takes you for {Harmless.Line(who.Name ?? "anybody")} of the tenant {Harmless.Line(who.Tenant)}.");
        }
        catch (ProblemException exception) when (exception.Code == ExitCode.NotFound)
        {
            // A silo of a version without keys, which serves everybody.
            call.Screen.Note("The silo knows no keys; it serves whoever reaches it.");
        }
    }

    private static void Show(Call call, ProfileDocument document)
    {
        if (call.Json)
        {
            foreach (var (name, profile) in document.Profiles)
            {
                Show(call, name, profile, name == document.Current);
            }

            return;
        }

        var columns = new Columns("", "PROFILE", "KEY", "URL");
        foreach (var (name, profile) in document.Profiles)
        {
            columns.Add(name == document.Current ? "*" : "", name, profile.Key is null ? "none" : "kept", profile.Url);
        }

        columns.WriteTo(call.Screen);
        if (columns.Count == 0)
        {
            call.Screen.Note("There are no profiles; `forge login` makes one.");
        }
    }

    private static void Show(Call call, string name, Profile profile, bool isCurrent) => call.Screen.Json(
        $"{{\"profile\":{Quote(name)},\"url\":{Quote(profile.Url)},\"hasKey\":{(profile.Key is null ? "false" : "true")},\"current\":{(isCurrent ? "true" : "false")}}}");

    private static void Remove(Call call, ProfileStore store, string name)
    {
        var document = store.Read();
        if (!document.Profiles.Remove(name))
        {
            throw Missing(name);
        }

        store.Write(document with { Current = document.Current == name ? null : document.Current });
        if (call.Json)
        {
            call.Screen.Json($"{{\"removed\":{Quote(name)}}}");
            return;
        }

        call.Screen.Line($"Removed '{Harmless.Line(name)}'.");
    }

    private static void Use(Call call, ProfileStore store, string name)
    {
        var document = store.Read();
        if (!document.Profiles.TryGetValue(name, out var profile))
        {
            throw Missing(name);
        }

        store.Write(document with { Current = name });
        if (call.Json)
        {
            Show(call, name, profile, isCurrent: true);
            return;
        }

        call.Screen.Line($"'{Harmless.Line(name)}' is the current profile.");
    }

    private static CliException Missing(string name) => new(ExitCode.Usage, $"There is no profile '{name}'.", "`forge login --list` shows which there are.");

    private static string Quote(string text) => $"\"{System.Text.Json.JsonEncodedText.Encode(text)}\"";
}
