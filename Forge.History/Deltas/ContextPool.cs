namespace Forge.History.Deltas;

/// <summary>A few objects that are costly to make, each for one caller at a time. One that finds no place is disposed of.</summary>
internal sealed class ContextPool<T>(int size, Func<T> make)
    where T : class, IDisposable
{
    private readonly T?[] _kept = new T?[size];

    public T Take()
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (_kept[i] is not null && Interlocked.Exchange(ref _kept[i], null) is { } kept)
            {
                return kept;
            }
        }

        return make();
    }

    public void Return(T item)
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (_kept[i] is null && Interlocked.CompareExchange(ref _kept[i], item, null) is null)
            {
                return;
            }
        }

        item.Dispose();
    }
}
