using System.CommandLine;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Commands;

/// <summary>One command that was given: what it says, where it writes, and the silo.</summary>
internal sealed class Call : IDisposable
{
    private readonly Lazy<ForgeHttp> _http;

    public Call(ParseResult parsed, Screen screen)
    {
        Parsed = parsed;
        Screen = screen;
        _http = new(() =>
        {
            var connection = GlobalOptions.ChoiceOf(parsed).Resolve(Surroundings);
            WarnOf(connection);
            return new ForgeHttp(connection, Surroundings);
        });
    }

    /// <summary>What the command line says.</summary>
    public ParseResult Parsed { get; }

    /// <summary>Where it writes.</summary>
    public Screen Screen { get; }

    /// <summary>What the program has from outside.</summary>
    public Surroundings Surroundings => Screen.Surroundings;

    /// <summary>The silo.</summary>
    public ForgeHttp Http => _http.Value;

    /// <summary>The silo if it was spoken to; null if it was not.</summary>
    public ForgeHttp? Reached => _http.IsValueCreated ? _http.Value : null;

    /// <summary>The options by which another command reaches the same silo.</summary>
    public string SameSilo => Shell.Option("--url", Get(GlobalOptions.Url)) + Shell.Option("--profile", Get(GlobalOptions.Profile));

    /// <summary>True if a program reads the answer.</summary>
    public bool Json => Parsed.GetValue(GlobalOptions.Json);

    /// <summary>Says if a key goes where others may listen.</summary>
    public void WarnOf(Connection connection)
    {
        if (connection is { Key: not null, Url: { Scheme: "http", IsLoopback: false } })
        {
            Screen.Note("note: the key goes to this address without encryption; use https:// if others can listen.");
        }
    }

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T Get<T>(Argument<T> argument) => Parsed.GetValue(argument)!;

    /// <summary>True if an option was given.</summary>
    public bool Has(Option option) => Parsed.GetResult(option) is { Implicit: false };

    /// <summary>Writes an answer as it came, or for a person.</summary>
    public void Show<T>(Answer<T> answer, Action<T> forPeople)
    {
        if (Json)
        {
            Screen.Json(answer.Text);
        }
        else
        {
            forPeople(answer.Value);
        }
    }

    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }
}
