using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Pools;

/// <summary>What a pool of buffers keeps unused: the last one that came back is the first to go out, and what nobody needed for a while can be let go.</summary>
/// <remarks>Under its pool's lock. A mutable struct: kept in a field, never copied.</remarks>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="max">How many at most.</param>
internal struct KeptItems<T>(int max)
    where T : class
{
    private readonly T?[] _items = new T?[max];

    /// <summary>The fewest that lay here at any time since the last <see cref="LetGo"/>: these, the lowest, nobody needed.</summary>
    private int _unneeded;
    private int _count;

    /// <summary>How many at most.</summary>
    public readonly int Max => _items.Length;

    /// <summary>How many there are. A glance: any thread.</summary>
    public readonly int Count => Volatile.Read(in _count);

    /// <summary>Takes one out, if there is any.</summary>
    public bool TryTake([NotNullWhen(true)] out T? item)
    {
        if (_count == 0)
        {
            item = null;
            return false;
        }

        item = _items[--_count]!;
        _items[_count] = null;
        _unneeded = Math.Min(_unneeded, _count);
        return true;
    }

    /// <summary>Keeps one, if there is room; else it is left to the garbage collector.</summary>
    public void Keep(T item)
    {
        if (_count < _items.Length)
        {
            _items[_count++] = item;
        }
    }

    /// <summary>Leaves those to the garbage collector that nobody needed since this was called last.</summary>
    public void LetGo()
    {
        if (_unneeded > 0)
        {
            int left = _count - _unneeded;
            Array.Copy(_items, _unneeded, _items, 0, left);
            Array.Clear(_items, left, _unneeded);
            _count = left;
        }

        _unneeded = _count;
    }
}
