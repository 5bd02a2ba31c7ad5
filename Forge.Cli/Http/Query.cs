using System.Globalization;
using System.Text;

namespace Forge.Cli.Http;

/// <summary>A path with the parameters that were given.</summary>
internal sealed class Query(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _hasOne;

    /// <summary>The path of a session.</summary>
    public static string Session(string session, string rest = "") => $"v1/sessions/{Uri.EscapeDataString(session)}{rest}";

    /// <summary>The path of a checkpoint of a session.</summary>
    public static string Checkpoint(string session, string checkpoint, string rest = "") =>
        Session(session, $"/checkpoints/{Uri.EscapeDataString(checkpoint)}{rest}");

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
