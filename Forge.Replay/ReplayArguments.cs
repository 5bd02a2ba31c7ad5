using System.Globalization;

namespace Forge.Replay;

/// <summary>What the command line says.</summary>
internal sealed record ReplayArguments
{
    public const string Usage = """
        Replays a recorded agent run into a session of Forge, one checkpoint per step.

          dotnet run --project Forge.Replay -- FILE [options]
          dotnet run --project Forge.Replay -- FILE --make-sample STEPS

        FILE                any JSON object with a 'history' array
        --url URL           where the silo listens; http://127.0.0.1:5080 by default
        --session NAME      the session; made from the file's name by default
        --verify            only read every state back and compare
        --wait SECONDS      how long to wait for a silo that went away; 60 by default
        --hold-half         wait for a line on standard input once half of the steps are saved
        --make-sample STEPS write a made-up run of that many steps to FILE, and no more

        Ends with 0 when every state came back byte for byte, 1 when one did not, 2 when the replay could not be done.
        """;

    public required string File { get; init; }

    public Uri Url { get; init; } = new("http://127.0.0.1:5080");

    public required string Session { get; init; }

    public bool VerifyOnly { get; init; }

    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(60);

    public bool HoldHalf { get; init; }

    public int? SampleSteps { get; init; }

    /// <exception cref="ReplayException">The command line is not understood.</exception>
    public static ReplayArguments Parse(IReadOnlyList<string> arguments)
    {
        string? file = null;
        var parsed = new ReplayArguments { File = "", Session = "" };
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            parsed = name switch
            {
                "--verify" => parsed with { VerifyOnly = true },
                "--url" => parsed with { Url = ParseUrl(Value()) },
                "--session" => parsed with { Session = Value() },
                "--wait" => parsed with { Wait = TimeSpan.FromSeconds(ParseNumber(0)) },
                "--hold-half" => parsed with { HoldHalf = true },
                "--make-sample" => parsed with { SampleSteps = ParseNumber(1) },
                _ when name.StartsWith('-') || file is not null => throw new ReplayException($"'{name}' is not understood."),
                _ => parsed with { File = file = name },
            };

            string Value() => ++i < arguments.Count ? arguments[i] : throw new ReplayException($"{name} wants a value.");

            int ParseNumber(int least) =>
                int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
                    ? number
                    : throw new ReplayException($"{name} wants a number from {least}, not '{arguments[i]}'.");
        }

        return file is null
            ? throw new ReplayException("No file is named.")
            : parsed with { Session = parsed.Session.Length > 0 ? parsed.Session : SessionOf(file) };
    }

    /// <summary>The file's name with everything a session id cannot have turned into dashes.</summary>
    private static string SessionOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var session = string.Concat(name.Select(c => c is > ' ' and <= '~' ? c : '-'));
        return session is "" or "." or ".." ? "replay" : session[..Math.Min(session.Length, 200)];
    }

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new ReplayException($"--url wants an address like http://127.0.0.1:5080, not '{text}'.");
}
