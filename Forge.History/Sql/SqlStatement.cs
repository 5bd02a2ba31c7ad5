using System.Globalization;
using System.Text;

namespace Forge.History.Sql;

/// <summary>
/// A statement of one dialect. It is written with names (<c>@key</c>), and the dialect's numbers take their place once, when
/// it is made, by the order in which the text first names them.
/// </summary>
internal sealed class SqlStatement
{
    /// <param name="text">The text, with a name for each parameter.</param>
    /// <param name="prefix">What stands before a parameter's number.</param>
    /// <param name="first">The names of those that come first, in another order than that of the text.</param>
    public SqlStatement(string text, char prefix, IEnumerable<string>? first = null)
    {
        var (names, made, quoted) = (new List<string>(first ?? []), new StringBuilder(text.Length), false);
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '\'';
            var end = i + 1;
            while (!quoted && text[i] == '@' && end < text.Length && IsOfName(text[end]))
            {
                end++;
            }

            if (end == i + 1)
            {
                made.Append(text[i]);
                continue;
            }

            var name = text[(i + 1)..end];
            if (!names.Contains(name))
            {
                names.Add(name);
            }

            made.Append(prefix).Append(CultureInfo.InvariantCulture, $"{names.IndexOf(name) + 1}");
            i = end - 1;
        }

        (Text, Names) = (made.ToString(), names);
    }

    /// <summary>The text as the database takes it.</summary>
    public string Text { get; }

    /// <summary>The names of the parameters, by their numbers.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Writes arguments by their names, in whatever order they come.</summary>
    /// <exception cref="ArgumentException">One is missing, or is not a parameter of this statement.</exception>
    public void Write(ISqlParameters parameters, IReadOnlyList<SqlArgument> arguments)
    {
        if (arguments.Count != Names.Count)
        {
            throw new ArgumentException($"The statement has the parameters {string.Join(", ", Names)}.", nameof(arguments));
        }

        foreach (var name in Names)
        {
            ArgumentOf(name, arguments).Write(parameters);
        }
    }

    private static SqlArgument ArgumentOf(string name, IReadOnlyList<SqlArgument> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].Name == name)
            {
                return arguments[i];
            }
        }

        throw new ArgumentException($"The parameter {name} has no argument.", nameof(arguments));
    }

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
