using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Commands;

/// <summary>The options of commands that list things, and how they do.</summary>
internal sealed class ListOptions
{
    private const int DefaultLimit = 50;

    public Option<int> Limit { get; } = new("--limit", "-n") { Description = "How many to show at the most; 50 if not given.", DefaultValueFactory = _ => DefaultLimit };

    public Option<bool> All { get; } = new("--all") { Description = "Show all there are." };

    public Option<string?> Cursor { get; } = new("--cursor") { Description = "Go on where an earlier list ended, with the same conditions." };

    /// <summary>Shows the items of a list, and says if there are more.</summary>
    /// <param name="call">The call.</param>
    /// <param name="query">The list, without size and cursor.</param>
    /// <param name="type">What an item is read as.</param>
    /// <param name="columns">The table.</param>
    /// <param name="row">Adds an item to the table.</param>
    /// <param name="nothing">What is said if there are none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="times">The times of the list as they were resolved, as options: a cursor is of these and no others.</param>
    public async Task ShowAsync<T>(
        Call call, Func<Query> query, JsonTypeInfo<T> type, Columns columns, Action<Columns, T> row, string nothing, CancellationToken cancellationToken, string times = "")
    {
        var limit = call.Get(All) ? long.MaxValue : call.Get(Limit);
        var shown = 0L;
        string? next = null;
        await foreach (var item in call.Http.ListAsync(
            (cursor, size) => query().With("limit", size).With("cursor", cursor ?? call.Get(Cursor)), type, limit, cancellationToken))
        {
            shown++;
            next = item.Next;
            if (call.Json)
            {
                call.Screen.Json(item.Json.GetRawText());
            }
            else
            {
                row(columns, item.Value);
            }
        }

        columns.WriteTo(call.Screen);
        if (shown == 0 && !call.Json)
        {
            call.Screen.Note(nothing);
        }

        if (next is not null)
        {
            call.Screen.Flush();
            call.Screen.Note($"There may be more: --all, or --cursor {Shell.Quote(next)}{times}");
        }
    }
}
