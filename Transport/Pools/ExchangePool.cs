using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Pools;

/// <summary>A pool for objects that one thread takes and another gives back: small stacks per thread, exchanged whole through a shared shelf.</summary>
/// <remarks>
/// No lock per object: a thread meets the shelf's lock once in <see cref="StackCount"/> objects. Bounds: a stack per thread and <see cref="ShelfCount"/> stacks on the
/// shelf, fewer of an <see cref="ILargeItem"/>; what is over is left to the garbage collector. One pool per type and process.
/// </remarks>
/// <typeparam name="T">What is pooled.</typeparam>
internal static class ExchangePool<T>
    where T : class
{
    /// <summary>Objects in one stack.</summary>
    public const int StackCount = 64;

    /// <summary>Stacks on the shelf: 65,536 objects, more than the calls that fill a window of the default size.</summary>
    public const int ShelfCount = 1024;

    /// <summary>The same of large objects: 4,096.</summary>
    public const int LargeShelfCount = 64;

    private static readonly int s_shelfCount = typeof(ILargeItem).IsAssignableFrom(typeof(T)) ? LargeShelfCount : ShelfCount;

    private static readonly Lock s_lock = new();
    private static readonly Stack[] s_full = new Stack[s_shelfCount];
    private static readonly Stack[] s_empty = new Stack[s_shelfCount];
    private static int s_fullCount;
    private static int s_emptyCount;

    [ThreadStatic]
    private static Stack? t_stack;

    /// <summary>Takes an object if one is at hand.</summary>
    public static bool TryRent([NotNullWhen(true)] out T? item)
    {
        Stack? stack = t_stack;
        if (stack is null || stack.Count == 0)
        {
            stack = TakeFull(stack);
            if (stack is null)
            {
                item = null;
                return false;
            }
        }

        int index = --stack.Count;
        ref Place place = ref stack.Items[index];
        item = place.Item!;
        place.Item = null;
        return true;
    }

    /// <summary>Gives an object back. The caller must not touch it again.</summary>
    public static void Return(T item)
    {
        Stack stack = t_stack ??= new Stack();
        if (stack.Count == StackCount)
        {
            stack = PutFull(stack);
        }

        stack.Items[stack.Count++].Item = item;
    }

    private static Stack? TakeFull(Stack? empty)
    {
        lock (s_lock)
        {
            if (s_fullCount == 0)
            {
                return null;
            }

            if (empty is not null && s_emptyCount < s_shelfCount)
            {
                s_empty[s_emptyCount++] = empty;
            }

            return t_stack = s_full[--s_fullCount];
        }
    }

    private static Stack PutFull(Stack full)
    {
        lock (s_lock)
        {
            if (s_fullCount == s_shelfCount)
            {
                Array.Clear(full.Items); // The shelf is full: these go to the garbage collector.
                full.Count = 0;
                return full;
            }

            s_full[s_fullCount++] = full;
            return t_stack = s_emptyCount > 0 ? s_empty[--s_emptyCount] : new Stack();
        }
    }

    /// <summary>An element without the type check that a store into an array of a class takes.</summary>
    private struct Place
    {
        public T? Item;
    }

    private sealed class Stack
    {
        public readonly Place[] Items = new Place[StackCount];
        public int Count;
    }
}
