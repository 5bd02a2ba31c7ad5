namespace Forge.Documents.Earlier;

/// <summary>
/// The order that an earlier document's checkpoints get. It is the document's own wherever its numbers or its times never
/// fall: numbers that begin again beside times that go on are one line of work whose tool was started anew, and times that
/// fall beside numbers that rise are a clock that was set. If both fall, the document was put together in no order, and
/// number, time and place decide, in this order.
/// </summary>
internal sealed class EarlierOrder
{
    private readonly List<Entry> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The time of the first in order; the epoch if there is none.</summary>
    public DateTimeOffset FirstAt => Count > 0 ? _entries[0].At : DateTimeOffset.UnixEpoch;

    /// <summary>The place in the document of each, in order, and where it is kept.</summary>
    public IEnumerable<(int Place, EarlierSpool.Part Part)> Parts => _entries.Select(entry => (entry.Place, entry.Part));

    /// <summary>The place in the document of one that has its place in order, from 0.</summary>
    public int PlaceOf(int index) => _entries[index].Place;

    /// <summary>Adds the next of the document.</summary>
    public void Add(long number, DateTimeOffset at, EarlierSpool.Part part) => _entries.Add(new Entry(number, at, Count, part));

    /// <summary>Puts them in order; true if that is not the document's own.</summary>
    public bool Settle()
    {
        var (numbersRise, timesRise) = (true, true);
        for (var i = 1; i < Count; i++)
        {
            numbersRise &= _entries[i].Number >= _entries[i - 1].Number;
            timesRise &= _entries[i].At >= _entries[i - 1].At;
        }

        if (numbersRise || timesRise)
        {
            return false;
        }

        _entries.Sort((a, b) => (a.Number, a.At, a.Place).CompareTo((b.Number, b.At, b.Place)));
        return true;
    }

    private readonly record struct Entry(long Number, DateTimeOffset At, int Place, EarlierSpool.Part Part);
}
