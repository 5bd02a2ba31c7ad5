using System.Globalization;
using System.Text;
using Forge.Cli.Hosting;

namespace Forge.Cli.Http;

/// <summary>A path with the parameters that were given.</summary>
internal sealed class Query(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _hasOne;

    /// <summary>The path of a session.</summary>
    /// <exception cref="CliException">It cannot stand in a path.</exception>
    public static string Session(string session, string rest = "") => $"v1/sessions/{Segment(session)}{rest}";

    /// <summary>The path of a checkpoint of a session.</summary>
    /// <exception cref="CliException">One of them cannot stand in a path.</exception>
    public static string Checkpoint(string session, string checkpoint, string rest = "") =>
        Session(session, $"/checkpoints/{Segment(checkpoint)}{rest}");

    /// <summary>A name as a part of a path.</summary>
    /// <exception cref="CliException">It is empty or made of dots alone: a path with such a part is another path, and so another request.</exception>
    public static string Segment(string name) => name is "" or "." or ".."
        ? throw new CliException(ExitCode.Usage, $"'{name}' is no name of anything.", "A name is not empty, and neither '.' nor '..'.")
        : Uri.EscapeDataString(name);

    /// <summary>Adds a parameter; nothing if it was not given.</summary>
    public Query With(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_hasOne ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            _hasOne = true;
        }

        return this;
    }

    /// <summary>Adds a number; nothing if it was not given.</summary>
    public Query With(string name, long? value) => With(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a parameter for each value.</summary>
    public Query With(string name, IEnumerable<string> values) => values.Aggregate(this, (query, value) => query.With(name, value));

    public override string ToString() => _text.ToString();
}
