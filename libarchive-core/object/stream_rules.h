#pragma once

#include <cstdint>

#include "object/object_records.h"
#include "tapir/base/status.h"

namespace tapir {

/// What records have to say alike of the streams of an object (format chapters 5.4, 5.7 and 11.2).

/// Whether the object itself holds bytes of the stream; further names of a file do not.
bool HasStream(const Metadata& metadata, uint32_t number);

/// kCorrupt unless the states of streams are those of streams that the object has.
Status CheckNtfsStreams(const Metadata& metadata);

/// kCorrupt unless OBJECT_END tells the streams that OBJECT_BEGIN declares, in sizes that fit.
Status CheckStreams(const Metadata& metadata, const ObjectEnd& end);

}  // namespace tapir
