using System.Runtime.CompilerServices;

namespace Kameo.Actors.Activations;

/// <summary>The turns of an activation: itself, and those beside it, if there ever was one. In the executor.</summary>
internal sealed partial class Activation
{
    /// <summary>Whether its own turn runs.</summary>
    private bool _isRented;

    /// <summary>All that were made, whether they run or not.</summary>
    private IEnumerable<Turn> Turns
    {
        get
        {
            for (BesideTurn? turn = _extras?.Beside?.LastMade; turn is not null; turn = turn.NextMade)
            {
                yield return turn;
            }

            yield return this;
        }
    }

    private Turn RentTurn()
    {
        if (_isRented)
        {
            return (Extras.Beside ??= new BesideTurns()).Rent(this);
        }

        _isRented = true;
        return this;
    }

    private void FreeTurn(Turn turn)
    {
        if (HasSections)
        {
            CloseSections(turn);
        }

        turn.Forget();
        if (ReferenceEquals(turn, this))
        {
            _isRented = false;
        }
        else
        {
            _extras!.Beside!.Free(Unsafe.As<BesideTurn>(turn)); // There is no third kind.
        }
    }
}
