/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all virtio devices have in common, whatever the transport: status,
 * features, queues, interrupts, and the bounded way in which work is done.
 *
 * A notification only marks its queue; virtio_run() does the work, as far as
 * the budget reaches, and says whether some is left.
 *
 * Source: VIRTIO 1.2, "Basic Facilities of a Virtio Device".
 */
#ifndef VIRTIO_DEVICE_H
#define VIRTIO_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio/guestmem.h"
#include "virtio/virtq.h"

#define VIRTIO_QUEUES_MAX 5
#define VIRTIO_NEVER UINT64_MAX

/* What may still be done before others get their turn. */
struct virtio_budget {
	unsigned descriptors;
	size_t bytes;	 /* copied or computed */
	uint64_t now_ns; /* for limits; never goes back */
};

/** virtio_spend - take from a budget, down to nothing. */
static inline void virtio_spend(
	struct virtio_budget *budget, unsigned descriptors, size_t bytes)
{
	budget->descriptors -= descriptors < budget->descriptors
				       ? descriptors
				       : budget->descriptors;
	budget->bytes -= bytes < budget->bytes ? bytes : budget->bytes;
}

struct virtio_device;

/* A device type: constants and what it does. */
struct virtio_type {
	uint32_t id; /* VIRTIO_ID_* */
	unsigned nr_queues;
	/* Take a queue's buffers as far as the budget reaches; true if the
	 * budget ended it.  May call virtio_break(). */
	bool (*run)(struct virtio_device *dev, unsigned queue,
		struct virtio_budget *budget);
	/* The device configuration; NULL: there is none. */
	size_t (*config)(const struct virtio_device *dev, const void **bytes);
	/* The driver writes to it; NULL: no field may be written. */
	void (*write_config)(struct virtio_device *dev, uint64_t offset,
		const void *data, size_t len);
	/* True while the device may touch guest memory later; NULL: never. */
	bool (*busy)(const struct virtio_device *dev);
	/* Forget what the type keeps beyond this structure; NULL: nothing. */
	void (*reset)(struct virtio_device *dev);
};

struct virtio_device {
	const struct virtio_type *type;
	struct guestmem *mem;
	uint64_t features;	  /* offered */
	uint64_t driver_features; /* accepted */
	uint8_t status;		  /* VIRTIO_CONFIG_S_* */
	uint8_t isr;		  /* bit 0: a queue, bit 1: configuration */
	bool resetting;		  /* reset was asked for while busy */
	bool interrupt;	    /* edge: isr got a bit since it was last taken */
	uint32_t work;	    /* bit q: queue q is to be run */
	uint64_t resume_ns; /* when a limit lets it go on; VIRTIO_NEVER */
	struct virtq queue[VIRTIO_QUEUES_MAX];
};

#define VIRTIO_ISR_QUEUE 1u
#define VIRTIO_ISR_CONFIG 2u

/**
 * virtio_init - a device in the state after reset.
 * @features: of the type; the ring's features and VERSION_1 are added
 */
void virtio_init(struct virtio_device *dev, const struct virtio_type *type,
	struct guestmem *mem, uint64_t features);

/**
 * virtio_set_status - the driver writes the device status.
 *
 * 0 resets: at once, or, with requests in flight, when the last is done; till
 * then virtio_status() is not 0.  FEATURES_OK sticks only if the features
 * accepted are a subset of those offered and contain VERSION_1.
 */
void virtio_set_status(struct virtio_device *dev, uint8_t status);

/** virtio_status - the device status as the driver reads it. */
uint8_t virtio_status(const struct virtio_device *dev);

/** virtio_features - 32 bits of the features offered; @select is 0 or 1. */
uint32_t virtio_features(const struct virtio_device *dev, uint32_t select);

/** virtio_accept - 32 bits of the features accepted; before FEATURES_OK. */
void virtio_accept(struct virtio_device *dev, uint32_t select, uint32_t bits);

/** virtio_queue - queue @q, or NULL if there is none. */
struct virtq *virtio_queue(struct virtio_device *dev, uint32_t q);

/**
 * virtio_enable_queue - the driver has configured queue @q.
 *
 * A queue that virtq_start() refuses breaks the device.
 */
void virtio_enable_queue(struct virtio_device *dev, uint32_t q);

/** virtio_notify - the driver says that queue @q has buffers. */
void virtio_notify(struct virtio_device *dev, uint32_t q);

/**
 * virtio_run - do the work of all marked queues within @budget.
 *
 * Returns true if work is left.
 */
bool virtio_run(struct virtio_device *dev, struct virtio_budget *budget);

/** virtio_wait - a limit stops the device until @when_ns, or earlier. */
void virtio_wait(struct virtio_device *dev, uint64_t when_ns);

/**
 * virtio_resume - time has come to @now_ns.
 *
 * Marks all queues if the device waited for it; returns true if it did.
 */
bool virtio_resume(struct virtio_device *dev, uint64_t now_ns);

/** virtio_live - the driver is ready, and neither reset nor break is on. */
bool virtio_live(const struct virtio_device *dev);

/**
 * virtio_break - the driver broke the rules: the device stops until reset.
 *
 * Source: VIRTIO 1.2, "Device Status Field", DEVICE_NEEDS_RESET.
 */
void virtio_break(struct virtio_device *dev);

/**
 * virtio_complete - return a buffer of @queue and interrupt if wanted.
 * @head, @written: see virtq_push()
 *
 * Does nothing if the device is not live.
 */
void virtio_complete(struct virtio_device *dev, unsigned queue, uint16_t head,
	uint32_t written);

/** virtio_done - a request that made the device busy is done. */
void virtio_done(struct virtio_device *dev);

/** virtio_write_config - to it; what no field takes is ignored. */
void virtio_write_config(struct virtio_device *dev, uint64_t offset,
	const void *data, size_t len);

/** virtio_config_changed - the device changed it: tell the driver. */
void virtio_config_changed(struct virtio_device *dev);

/** virtio_read_config - from the device configuration; zeros beyond it. */
void virtio_read_config(const struct virtio_device *dev, uint64_t offset,
	void *data, size_t len);

#endif
