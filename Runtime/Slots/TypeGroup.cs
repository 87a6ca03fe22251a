using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>What a slot is on this node, for whoever sends to it: read without a lock.</summary>
internal enum SlotState : byte
{
    /// <summary>It moves, has records, or was never sent to: ask the core, under its lock.</summary>
    Ask,

    /// <summary>It is owned and acquired: run here.</summary>
    Owned,

    /// <summary>It is elsewhere: send to <see cref="TypeGroup.OwnerOf"/>.</summary>
    Elsewhere,
}

/// <summary>Types that had the same hosts in every view since the settled one that was known when they were first met, and what their slots are here.</summary>
/// <remarks>
/// All but <see cref="StateOf"/> and <see cref="OwnerOf"/> belong to the core. A sender reads <see cref="StateOf"/> first and <see cref="OwnerOf"/> after it: owners are written only while the state of every slot whose
/// owner changes is <see cref="SlotState.Ask"/>. A group that is split keeps its first part; the other types' states there become <see cref="SlotState.Ask"/> for good, so that nobody is misled by an old reference to it.
/// </remarks>
internal sealed class TypeGroup
{
    /// <summary>So many types are named when a group is described.</summary>
    private const int TypesSaid = 3;

    private readonly byte[] _states;
    private SlotTable _owners;

    public TypeGroup(IReadOnlyList<string> types, int slots)
    {
        Types = types;
        _states = new byte[slots];
        _owners = SlotTable.Nobody(slots);
        IsOwned = new bool[slots];
        IsUsed = new bool[slots];
        Acquired = new long[slots];
        Forgot = new long[slots];
        Cells = new SlotCell?[slots];
    }

    /// <summary>The types, sorted.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>How many slots there are.</summary>
    public int Slots => _states.Length;

    /// <summary>Whether it was split: whoever remembers it looks its type up again.</summary>
    public bool IsVoid { get; private set; }

    /// <summary>The owners in the installed view. Any thread.</summary>
    public SlotTable Owners => Volatile.Read(ref _owners);

    /// <summary>The owners in each view since the settled one.</summary>
    public IReadOnlyList<SlotTable> History { get; set; } = [];

    /// <summary>Whether this node acquired a slot and has not lost it since.</summary>
    public bool[] IsOwned { get; }

    /// <summary>Whether this node sent anything to the owner of a slot since it has been that.</summary>
    public bool[] IsUsed { get; }

    /// <summary>The view in which this node acquired a slot last; 0: never.</summary>
    public long[] Acquired { get; }

    /// <summary>
    /// The last view in which this node owned a slot of whose records it has not all: it lost the slot before it had acquired it, or a former process of this life had it. 0: none. Whoever owns it next asks every member.
    /// </summary>
    public long[] Forgot { get; }

    /// <summary>What is not steady about a slot; null: nothing.</summary>
    public SlotCell?[] Cells { get; }

    /// <summary>What a slot is here. Any thread; pairs with <see cref="Publish"/>.</summary>
    public SlotState StateOf(int slot) => (SlotState)Volatile.Read(ref _states[slot]);

    /// <summary>Who owns a slot in the installed view; read after <see cref="StateOf"/> said that it is elsewhere.</summary>
    public MemberId OwnerOf(int slot) => Volatile.Read(ref _owners)[slot];

    /// <summary>Says what a slot is. Pairs with <see cref="StateOf"/>: what was written before is seen by whoever reads the new state.</summary>
    public void Publish(int slot, SlotState state)
    {
        if (_states[slot] != (byte)state)
        {
            Volatile.Write(ref _states[slot], (byte)state);
        }
    }

    /// <summary>Says who owns the slots.</summary>
    public void Install(SlotTable owners) => Volatile.Write(ref _owners, owners);

    /// <summary>It is split: nobody goes by it any more.</summary>
    public void Void()
    {
        IsVoid = true;
        for (int slot = 0; slot < _states.Length; slot++)
        {
            Publish(slot, SlotState.Ask);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Types.Count > TypesSaid ? $"{string.Join('+', Types.Take(TypesSaid))} and {Types.Count - TypesSaid} more" : string.Join('+', Types);
}
